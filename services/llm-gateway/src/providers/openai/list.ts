import { z } from 'zod';

/** Elements of any list in an answer: calls, items, parts of a text. */
const LIST_MAX = 1_000;

/** A list that is counted before anything in it is looked at: zod says of each element what is wrong with it. */
export function listOf<Element extends z.ZodType>(element: Element) {
  return z.array(z.unknown()).max(LIST_MAX).pipe(z.array(element));
}
