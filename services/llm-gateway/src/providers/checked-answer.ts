import { Answered, parse } from '@troupe/contract';
import type { Answer } from '@troupe/contract';
import { unanswered } from './failure.ts';
import { z } from 'zod';

/** The answer if it keeps the contract's bounds, else `malformed`: a model's answer is never cut silently. */
export function checkedAnswer(candidate: Answered): Answer {
  const checked = parse(Answered, candidate);
  if (checked.success) return checked.data;
  return unanswered('malformed', `the model's answer is out of bounds: ${z.prettifyError(checked.error)}`);
}
