import type { z } from 'zod';
import { decode, MalformedError, parseJson } from './codec.ts';
import { cut } from './cut.ts';
import { Goal } from './goal.ts';
import { GOAL_PAYLOAD_BYTES_MAX, QUOTE_CHARS_MAX } from './limits.ts';

/** A refusal quotes the goal; what it quotes is cut, so that the reason fits into the result of the run. */
export const REFUSAL_CHARS_MAX = QUOTE_CHARS_MAX + 200;

export type ReadGoal = { ok: true; goal: Goal } | { ok: false; reason: string };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
/** A msgpack fixmap; no UTF-8 text can start with these bytes. */
const isMsgpackMap = (byte: number | undefined) => byte !== undefined && byte >= 0x80 && byte <= 0x8f;

/**
 * Reads a goal as people publish it: a JSON object, a JSON string, plain text, or a small msgpack map.
 * Never throws; the reason of a refusal is a sentence for the publisher of at most {@link REFUSAL_CHARS_MAX} characters.
 */
export function readGoal(bytes: Uint8Array): ReadGoal {
  if (bytes.length > GOAL_PAYLOAD_BYTES_MAX) {
    return refuse(`The goal message has ${bytes.length} bytes; at most ${GOAL_PAYLOAD_BYTES_MAX} are allowed.`);
  }
  let value: unknown;
  try {
    value = isMsgpackMap(bytes[0]) ? decode(bytes) : readText(decoder.decode(bytes).trim());
  } catch (error) {
    if (error instanceof MalformedError)
      return refuse(`The goal could not be read: ${cut(error.message, QUOTE_CHARS_MAX)}.`);
    return refuse('The goal is not UTF-8 text, JSON or msgpack.');
  }
  const parsed = Goal.safeParse(typeof value === 'string' ? { goal: value } : value);
  return parsed.success ? { ok: true, goal: parsed.data } : refuse(describe(parsed.error));
}

/** JSON where the text starts like JSON, else the text itself: "5 ideas" is a goal, "{…" is meant to be an object. */
function readText(text: string): unknown {
  // A bare number or literal was meant as JSON of the wrong type, not as a goal.
  if (/^(-?\d+(\.\d+)?|true|false|null)$/.test(text)) return null;
  if (!/^[{["]/.test(text)) return text;
  return parseJson(text);
}

function describe(error: z.ZodError): string {
  const issues = error.issues.slice(0, 5).map((issue) => {
    const where = issue.path.join('.');
    return where === '' ? issue.message : `${where}: ${issue.message}`;
  });
  return `The goal is not valid: ${cut(issues.join('; '), QUOTE_CHARS_MAX)}. Expected {"goal":"…"} with optional "id" and "options".`;
}

const refuse = (reason: string): ReadGoal => ({ ok: false, reason });
