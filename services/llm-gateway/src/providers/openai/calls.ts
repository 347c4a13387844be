import { createHash } from 'node:crypto';
import type { Question, ToolCall, ToolOffer } from '@troupe/contract';
import { dropNulls } from '../../schema/relax.ts';
import { callId } from '../hash.ts';

/** Characters of a call's ID that the contract takes. */
const CALL_ID_CHARS_MAX = 128;

/**
 * Gives the calls of one answer IDs that no other call of the conversation has: servers leave them out, or count from 0
 * with each answer. The same answer to the same question always gets the same ones.
 */
export class CallIds {
  readonly #question: string;
  readonly #taken = new Set<string>();
  #count = 0;

  constructor({ id, turns }: Question) {
    this.#question = id;
    for (const turn of turns)
      if (turn.role === 'assistant') for (const call of turn.toolCalls) this.#taken.add(call.id);
  }

  next(told: string | null | undefined): string {
    const own = callId(this.#question, this.#count++);
    const id = told && told.length <= CALL_ID_CHARS_MAX && !this.#taken.has(told) ? told : own;
    this.#taken.add(id);
    return id;
  }
}

/** A call's ID as a server takes it: as it is, or a digest of it if it is too long or holds what may not be in it. */
export function wireCallId(id: string, { charsMax, form }: { charsMax: number; form: RegExp }): string {
  if (id.length <= charsMax && form.test(id)) return id;
  const hex = createHash('sha256').update(id).digest('hex');
  return hex.slice(0, charsMax);
}

/**
 * The arguments of a call, from the text that the model wrote; nothing written is none. The nulls that a strict schema
 * forced are taken out. Undefined if the text is no JSON object.
 */
export function argumentsOf(
  text: string,
  name: string,
  tools: readonly ToolOffer[],
): ToolCall['arguments'] | undefined {
  const parsed = text.trim() === '' ? {} : jsonOf(text);
  if (!isObject(parsed)) return undefined;
  const offer = tools.find((tool) => tool.name === name);
  return offer ? dropNulls(parsed, offer.parameters) : parsed;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of JSON: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
