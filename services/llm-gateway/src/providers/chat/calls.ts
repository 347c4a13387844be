import { isObject } from '../openai/calls.ts';
import type { CallDelta } from './chunk.ts';

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

function isWhole(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}
