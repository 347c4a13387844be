import type { Anthropic } from '@anthropic-ai/sdk';
import { STREAM_CHARS_MAX } from '../openai/streaming.ts';

/** What a model has written of a message so far. */
export class Written {
  /** The JSON of each call's input, by the index of its block. */
  readonly inputs = new Map<number, string>();
  /** Characters that were paid: texts, thoughts and inputs. */
  chars = 0;
  #keptChars = 0;

  /** Whether it is more than any answer, all its JSON counted. */
  get isOver(): boolean {
    return this.#keptChars > STREAM_CHARS_MAX;
  }

  take(event: Anthropic.RawMessageStreamEvent): void {
    if (event.type === 'content_block_start') this.#keptChars += JSON.stringify(event.content_block).length;
    if (event.type !== 'content_block_delta') return;
    const { delta, index } = event;
    const text = writtenIn(delta);
    this.chars += text.length;
    this.#keptChars += text === '' ? JSON.stringify(delta).length : text.length;
    if (delta.type === 'input_json_delta') this.inputs.set(index, (this.inputs.get(index) ?? '') + text);
  }
}

function writtenIn(delta: Anthropic.RawContentBlockDelta): string {
  switch (delta.type) {
    case 'text_delta':
      return delta.text;
    case 'input_json_delta':
      return delta.partial_json;
    case 'thinking_delta':
      return delta.thinking;
    default:
      return '';
  }
}
