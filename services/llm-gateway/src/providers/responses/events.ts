import { z } from 'zod';
import { failed } from '../failure.ts';
import { failureTold } from '../openai/failure.ts';
import { STREAM_CHARS_MAX } from '../openai/streaming.ts';
import type { Reading } from '../openai/streaming.ts';
import type { Call, Listener, Outcome } from '../provider.ts';
import { Item } from './items.ts';
import { toOutcome, WireResponse } from './response.ts';

const Delta = z.object({ delta: z.string() });
const Done = z.object({ output_index: z.int().nonnegative().nullish(), item: Item });
const Ended = z.object({ response: z.unknown() });
const Named = z.object({ type: z.string() });
const ErrorEvent = z.object({
  message: z.string().catch('the service failed'),
  code: z.string().nullish().catch(undefined),
});

/** Puts an answer together from the events of its stream. What is whole comes with the last; deltas are for who listens. */
export class ResponseReading implements Reading {
  readonly #call: Call;
  readonly #secret: string | undefined;
  readonly #listener: Listener | undefined;
  readonly #items: Item[] = [];
  /** Of all items as JSON: what was written in them is told by deltas, or not at all. */
  #itemChars = 0;
  #outcome: Outcome | undefined;

  constructor(call: Call, secret: string | undefined, listener: Listener | undefined) {
    this.#call = call;
    this.#secret = secret;
    this.#listener = listener;
  }

  take(event: unknown): number {
    switch (Named.safeParse(event).data?.type) {
      case 'response.output_text.delta': {
        const text = Delta.safeParse(event).data?.delta ?? '';
        if (text !== '') this.#listener?.text?.(text);
        return text.length;
      }
      case 'response.output_item.done':
        return this.#takeItem(event);
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        this.#outcome = this.#ended(event);
        return 0;
      case 'error':
        this.#outcome = this.#failed(event);
        return 0;
      default:
        return Delta.safeParse(event).data?.delta.length ?? 0;
    }
  }

  get progress(): Reading['progress'] {
    if (this.#itemChars > STREAM_CHARS_MAX) return 'over';
    return this.#outcome ? 'ended' : 'open';
  }

  outcome(): Outcome | undefined {
    return this.#outcome;
  }

  #takeItem(event: unknown): number {
    const done = Done.safeParse(event).data;
    if (!done) return 0;
    this.#items.push(done.item);
    this.#itemChars += JSON.stringify(done.item).length;
    return 0;
  }

  #ended(event: unknown): Outcome {
    const parsed = WireResponse.safeParse(Ended.safeParse(event).data?.response);
    if (parsed.success) return toOutcome(parsed.data, this.#items, this.#call, this.#secret);
    return failed('malformed', `not a response: ${z.prettifyError(parsed.error)}`);
  }

  #failed(event: unknown): Outcome {
    const { message, code } = ErrorEvent.parse(event);
    return failureTold({ message, code: code ?? undefined }, this.#secret);
  }
}
