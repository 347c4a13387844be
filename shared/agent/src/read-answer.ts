import { type Answer, cut, parse, QUOTE_CHARS_MAX, type ToolCall } from '@troupe/contract';
import type { z } from 'zod';

/** What an answer means for an agent that offered tools and one `submit_…`. */
export type ReadAnswer<Value> =
  | { kind: 'submitted'; value: Value }
  | { kind: 'calls'; calls: ToolCall[] }
  /** The model can be told what is wrong and asked again. */
  | { kind: 'unusable'; complaint: string }
  /** The model cannot be reached; asking again at once would not help. */
  | { kind: 'down'; reason: string };

/** Reads an answer: a submission wins over other calls; its arguments are checked against `schema`. */
export function readAnswer<Value>(answer: Answer, submit: string, schema: z.ZodType<Value>): ReadAnswer<Value> {
  if (!answer.ok) {
    if (answer.kind === 'malformed')
      return { kind: 'unusable', complaint: `Your answer could not be read: ${quoted(answer.message)}` };
    return { kind: 'down', reason: `the model did not answer (${answer.kind}): ${quoted(answer.message)}` };
  }
  const submission = answer.toolCalls.find(({ name }) => name === submit);
  if (submission === undefined) {
    if (answer.toolCalls.length > 0) return { kind: 'calls', calls: answer.toolCalls };
    const why = answer.stop === 'length' ? 'Your answer was cut off by its length: be shorter. ' : '';
    return { kind: 'unusable', complaint: `${why}Answer with a tool call. Hand in your result with ${submit}.` };
  }
  const parsed = parse(schema, submission.arguments);
  if (parsed.success) return { kind: 'submitted', value: parsed.data };
  const wrong = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
  return { kind: 'unusable', complaint: `The arguments of ${submit} are not valid: ${quoted(wrong.join('; '))}` };
}

/** A reason that is built around a quote stays within the contract's bound. */
const quoted = (text: string): string => cut(text, QUOTE_CHARS_MAX);
