import type { Usage } from '@troupe/contract';
import { z } from 'zod';
import { failed } from '../failure.ts';
import { argumentsOf, CallIds } from '../openai/calls.ts';
import { badArguments, checkedReply, detailsOf, estimatedUsage } from '../openai/reply.ts';
import type { Reading } from '../openai/streaming.ts';
import type { Call, Listener, Outcome } from '../provider.ts';
import { OpenCalls } from './calls.ts';
import { charsBesideText, Chunk, textIn } from './chunk.ts';
import type { WireUsage } from './chunk.ts';
import { echoOfCalls } from './echo.ts';
import { ThoughtFilter } from './thought.ts';

const REFUSED: ReadonlySet<string> = new Set(['content_filter', 'refusal', 'safety']);
/** `model_length` is Mistral's word for a context that is full. */
const CUT: ReadonlySet<string> = new Set(['length', 'max_tokens', 'model_length']);

/** Puts an answer together from the chunks of a chat completion. Any reason to finish goes with any content. */
export class ChatReading implements Reading {
  readonly #call: Call;
  readonly #secret: string | undefined;
  readonly #listener: Listener | undefined;
  readonly #calls = new OpenCalls();
  readonly #thought = new ThoughtFilter();
  #model: string | undefined;
  #text = '';
  #refusal = '';
  #chars = 0;
  #finish: string | undefined;
  #usage: WireUsage | undefined;
  #hasChoice = false;
  #fault: string | undefined;

  constructor(call: Call, secret: string | undefined, listener: Listener | undefined) {
    this.#call = call;
    this.#secret = secret;
    this.#listener = listener;
  }

  take(event: unknown): number {
    const parsed = Chunk.safeParse(event);
    if (!parsed.success) {
      this.#fault ??= `not a chunk of a chat completion: ${z.prettifyError(parsed.error)}`;
      return 0;
    }
    const before = this.#chars;
    this.#takeChunk(parsed.data);
    return this.#chars - before;
  }

  get progress(): Reading['progress'] {
    if (this.#calls.isFull) return 'over';
    return this.#finish === undefined ? 'open' : 'ended';
  }

  outcome(): Outcome | undefined {
    const usage = this.#usageOf();
    if (this.#fault !== undefined) return failed('malformed', this.#fault, { usage });
    // Some servers count tokens and give no reason; one that says neither was cut off.
    if (this.#finish === undefined && this.#usage === undefined) return undefined;
    if (!this.#hasChoice) return failed('malformed', 'a chat completion without a choice', { usage });
    if (this.#finish === 'error') return failed('unreachable', 'the server broke its answer off', { usage });
    if (this.#refusal !== '' || REFUSED.has(this.#finish ?? '')) {
      return failed('refused', this.#refusal || 'the service held the answer back', { usage, secret: this.#secret });
    }
    this.#tell(this.#thought.end());
    return this.#reply(this.#text, usage);
  }

  #takeChunk({ model, choices, usage }: Chunk): void {
    this.#model ??= model ?? undefined;
    this.#usage = usage ?? this.#usage;
    const choice = choices?.find(({ index }) => (index ?? 0) === 0);
    if (!choice) return;
    this.#hasChoice = true;
    this.#finish = choice.finish_reason || this.#finish;
    const delta = choice.delta ?? choice.message;
    this.#takeText(textIn(delta?.content));
    this.#refusal += delta?.refusal ?? '';
    this.#chars += charsBesideText(delta);
    for (const piece of delta?.tool_calls ?? []) if (!this.#calls.isFull) this.#chars += this.#calls.take(piece);
  }

  #takeText(delta: string): void {
    this.#chars += delta.length;
    this.#tell(this.#thought.push(delta));
  }

  #tell(text: string): void {
    if (text === '') return;
    this.#text += text;
    this.#listener?.text?.(text);
  }

  #reply(text: string, usage: Usage): Outcome {
    const { question } = this.#call;
    const model = this.#model || this.#call.model.name;
    // A call that was cut off is none.
    if (CUT.has(this.#finish ?? '')) {
      return checkedReply({ ok: true, model, text, toolCalls: [], stop: 'length', usage });
    }
    const ids = new CallIds(question);
    const calls = [];
    for (const { id, name, arguments: written, extra } of this.#calls.calls) {
      const args = argumentsOf(written, name, question.tools);
      if (!args) return badArguments(name, usage, this.#secret);
      calls.push({ call: { id: ids.next(id), name, arguments: args }, written, extra });
    }
    const toolCalls = calls.map(({ call }) => call);
    const echo = echoOfCalls(text, calls, this.#call);
    const stop = toolCalls.length > 0 ? 'tools' : 'end';
    return checkedReply({ ok: true, model, text, toolCalls, stop, usage, ...(echo && { echo }) });
  }

  /** Gemini counts what it thinks in the total alone. */
  #usageOf(): Usage {
    const usage = this.#usage;
    if (!usage) return estimatedUsage(this.#call, this.#chars);
    const { prompt_tokens: inputTokens, prompt_tokens_details: input, completion_tokens_details: output } = usage;
    const total = usage.total_tokens ?? 0;
    return {
      inputTokens,
      outputTokens: Math.max(usage.completion_tokens ?? 0, total - inputTokens),
      ...detailsOf({
        cached: input?.cached_tokens,
        written: input?.cache_write_tokens,
        thought: output?.reasoning_tokens,
      }),
    };
  }
}
