import { Answer, decode, encode, Question, QUESTION_BYTES_MAX, ToolOffer } from '@troupe/contract';
import { z } from 'zod';

/**
 * What comes back on the reply inbox of a question: `taken` if the answer takes a moment, then the answer. Which
 * gateways are alive is told by one broadcast per gateway and half second, not by a heartbeat per question: 10,000
 * open questions would otherwise cost thousands of messages per second.
 */
export const Reply = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('taken'), gateway: z.string() }),
  z.object({ kind: z.literal('answer'), answer: Answer }),
]);
export type Reply = z.infer<typeof Reply>;

export const Alive = z.object({ gateway: z.string() });

export const ALIVE_EVERY_MS = 500;
/** A gateway that was silent this long is dead; its questions are asked again. */
export const GATEWAY_DEAD_MS = 2_000;
/** A question that nobody took for this long is asked again. */
export const UNTAKEN_MS = 2_000;
/** Answers that come sooner are not announced by `taken`. */
export const TAKEN_AFTER_MS = 250;

/** A question on the wire: each tool as JSON text. The same few tools come with every question. */
const WireQuestion = Question.extend({ tools: z.array(z.string()) });

const texts = new WeakMap<ToolOffer, string>();
const offers = new Map<string, ToolOffer>();
const OFFERS_MAX = 1_024;

/** Encodes a question; the JSON of a tool is made once per process. Throws RangeError over the contract's bound. */
export function encodeQuestion(question: Question): Uint8Array {
  return encode({ ...question, tools: question.tools.map(textOf) }, QUESTION_BYTES_MAX);
}

/** Decodes a question, or undefined if the bytes are none. */
export function decodeQuestion(bytes: Uint8Array): Question | undefined {
  try {
    const parsed = WireQuestion.safeParse(decode(bytes, QUESTION_BYTES_MAX));
    return parsed.success ? { ...parsed.data, tools: parsed.data.tools.map(offerOf) } : undefined;
  } catch {
    return undefined;
  }
}

function textOf(offer: ToolOffer): string {
  const known = texts.get(offer);
  if (known !== undefined) return known;
  const text = JSON.stringify(offer);
  texts.set(offer, text);
  return text;
}

function offerOf(text: string): ToolOffer {
  const known = offers.get(text);
  if (known !== undefined) return known;
  const offer = ToolOffer.parse(JSON.parse(text));
  if (offers.size >= OFFERS_MAX) offers.clear();
  offers.set(text, offer);
  return offer;
}
