import { CALL_CHARS_MAX } from '@troupe/contract';
import { isObject } from '../openai/calls.ts';
import { STREAM_CHARS_MAX } from '../openai/streaming.ts';
import type { CallDelta } from './chunk.ts';

/** What a piece counts at least, which may say nothing. */
const PIECE_CHARS_MIN = 32;
/** Calls of one answer, by far more than are taken. */
const OPEN_CALLS_MAX = 64;

/** A call as far as it has come. */
export interface OpenCall {
  id: string | undefined;
  name: string;
  /** As the model wrote them; empty if it has written none. */
  arguments: string;
  extra: Record<string, unknown> | undefined;
}

/** Puts calls together from their pieces, however little the pieces say about which call they belong to. */
export class OpenCalls {
  readonly calls: OpenCall[] = [];
  readonly #byIndex = new Map<number, OpenCall>();
  /** What pieces hold beside their names and arguments. */
  #keptChars = 0;

  /** Whether these are more than any answer's. */
  get isFull(): boolean {
    return this.calls.length > OPEN_CALLS_MAX || this.#keptChars > STREAM_CHARS_MAX;
  }

  /** Returns the characters that were added. */
  take(delta: CallDelta): number {
    const name = delta.function?.name ?? '';
    const written = delta.function?.arguments ?? '';
    const text = typeof written === 'string' ? written : JSON.stringify(written);
    const call = this.#openFor(delta) ?? this.#begin(delta);
    if (call.name === '') call.name = name;
    call.arguments += text;
    call.id ??= delta.id || undefined;
    call.extra ??= delta.extra_content ?? undefined;
    this.#keptChars += Math.max(PIECE_CHARS_MIN, (delta.id?.length ?? 0) + extraChars(delta));
    return name.length + text.length;
  }

  /** The call that a piece goes on with. */
  #openFor({ index, id, function: called }: CallDelta): OpenCall | undefined {
    const name = called?.name;
    if (typeof index !== 'number') {
      // Without an index a name is a beginning: Gemini sends whole calls.
      if (name) return undefined;
      return (id && this.calls.findLast((call) => call.id === id)) || this.calls.at(-1);
    }
    const open = this.#byIndex.get(index);
    if (!open) return undefined;
    // Servers that give every call the index 0 tell them apart by their IDs, or send each of them whole.
    if (id && open.id && id !== open.id) return undefined;
    return name && isWhole(open.arguments) ? undefined : open;
  }

  #begin({ index }: CallDelta): OpenCall {
    const call: OpenCall = { id: undefined, name: '', arguments: '', extra: undefined };
    this.calls.push(call);
    if (typeof index === 'number') this.#byIndex.set(index, call);
    return call;
  }
}

const extraChars = ({ extra_content: extra }: CallDelta): number => (extra ? JSON.stringify(extra).length : 0);

/** Looked at only where it may be: to parse what has come with every piece again takes the square of it. */
function isWhole(text: string): boolean {
  if (text.length > CALL_CHARS_MAX || !/\}\s*$/.test(text.slice(-16))) return false;
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}
