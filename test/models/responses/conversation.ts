import type { Heard } from '../character.ts';
import { invalid, refusal, type Refusal } from './refusal.ts';
import type { Item, ReasoningItem } from './request.ts';
import { requiredReasoning, unseal } from './seal.ts';

type CallItem = Extract<Item, { type: 'function_call' }>;
type ResultItem = Extract<Item, { type: 'function_call_output' }>;
type MessageItem = Extract<Item, { type: 'message' }>;

/** What an input says, or why it is no conversation. `instructions`: messages of the system in between. */
export type Listened = { instructions: string[]; messages: Heard[] } | Refusal;

/**
 * Rules, cited where they bind:
 * R1 an item comes once; R2 what is only named by its ID has to be stored; R3 a call or message comes with the reasoning
 * that it was made after, in the same turn; R4 reasoning is unchanged and something follows it; R5 each call gets one
 * result before anything else is said; R6 a result answers a call; R7 the model does not have the last word.
 */
export function listen(items: readonly Item[], model: string, stored: (id: string) => Item | undefined): Listened {
  const listener = new Listener(model);
  for (const [at, given] of items.entries()) {
    const item = given.type === 'item_reference' ? stored(given.id) : given;
    if (item === undefined || item.type === 'item_reference') return notStored(given.id ?? '');
    const fault = listener.hear(item, items[at + 1], stored);
    if (fault !== undefined) return fault;
  }
  return listener.end() ?? { instructions: listener.instructions, messages: listener.messages };
}

function notStored(id: string): Refusal {
  const message = `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`;
  return refusal(404, message, { param: 'input' });
}

/** Whose turn it is to be heard. A model's turn ends with the first result. */
type Speaker = 'model' | 'tool' | 'user';

class Listener {
  readonly instructions: string[] = [];
  readonly messages: Heard[] = [];
  #model: string;
  #ids = new Set<string>();
  #reasoning = new Set<string>();
  #pending = new Set<string>();
  #answered = new Set<string>();
  #speaker: Speaker = 'user';

  constructor(model: string) {
    this.#model = model;
  }

  hear(
    item: Exclude<Item, { type: 'item_reference' }>,
    next: Item | undefined,
    stored: (id: string) => Item | undefined,
  ): Refusal | undefined {
    const before = this.#known(item.id) ?? this.#change(speakerOf(item));
    if (before !== undefined) return before;
    switch (item.type) {
      case 'message':
        return this.#message(item);
      case 'reasoning':
        return this.#thought(item, next, stored);
      case 'function_call':
        return this.#call(item);
      case 'function_call_output':
        return this.#result(item);
    }
  }

  end(): Refusal | undefined {
    const open = this.#unanswered();
    if (open !== undefined) return open;
    // R7
    return this.#speaker === 'model'
      ? invalid('The last item of the input must not be from the assistant.', 'input')
      : undefined;
  }

  /** R1 */
  #known(id: string | null | undefined): Refusal | undefined {
    if (id === undefined || id === null) return undefined;
    if (!this.#ids.has(id)) {
      this.#ids.add(id);
      return undefined;
    }
    return invalid(
      `Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`,
      'input',
    );
  }

  /** R5 */
  #change(speaker: Speaker): Refusal | undefined {
    const changed = speaker !== this.#speaker;
    if (changed && speaker !== 'tool') {
      const open = this.#unanswered();
      if (open !== undefined) return open;
      this.#reasoning.clear();
    }
    if (changed && speaker === 'model') this.messages.push({ role: 'assistant', text: '', calls: [] });
    this.#speaker = speaker;
    return undefined;
  }

  #unanswered(): Refusal | undefined {
    const [callId] = this.#pending;
    return callId === undefined ? undefined : invalid(`No tool output found for function call ${callId}.`, 'input');
  }

  #message(item: MessageItem): Refusal | undefined {
    const text = textOf(item.content);
    if (item.role === 'assistant') {
      this.#say({ text });
      return this.#together(item);
    }
    if (item.role === 'user') this.messages.push({ role: 'user', text });
    else this.instructions.push(text);
    return undefined;
  }

  /** R4, and R2 for reasoning that came without what it needs to be used without a store. */
  #thought(item: ReasoningItem, next: Item | undefined, stored: (id: string) => Item | undefined): Refusal | undefined {
    const encrypted = item.encrypted_content ?? undefined;
    let { id } = item;
    if (encrypted === undefined) {
      if (id === undefined || stored(id) === undefined) return notStored(id ?? '');
    } else {
      const sealed = unseal(this.#model, item, encrypted);
      if ('error' in sealed) return sealed;
      ({ id } = sealed);
    }
    this.#reasoning.add(id);
    const followed = next?.type === 'item_reference' || (next !== undefined && speakerOf(next) === 'model');
    if (followed) return undefined;
    return invalid(`Item '${id}' of type 'reasoning' was provided without its required following item.`, 'input');
  }

  #call(item: CallItem): Refusal | undefined {
    const apart = this.#together(item);
    if (apart !== undefined) return apart;
    if (this.#pending.has(item.call_id) || this.#answered.has(item.call_id)) {
      return invalid(`Duplicate function call with call_id ${item.call_id}.`, 'input');
    }
    this.#pending.add(item.call_id);
    this.#say({ call: { id: item.call_id, name: item.name, arguments: parsed(item.arguments) } });
    return undefined;
  }

  /** R6 */
  #result({ call_id: callId, output }: ResultItem): Refusal | undefined {
    if (this.#answered.has(callId)) {
      return invalid(`Duplicate function call output found for call_id ${callId}.`, 'input');
    }
    if (!this.#pending.delete(callId)) {
      return invalid(`No tool call found for function call output with call_id ${callId}.`, 'input');
    }
    this.#answered.add(callId);
    const text = textOf(output);
    this.messages.push({ role: 'result', callId, text, failed: text.startsWith('Failed: ') });
    return undefined;
  }

  /** R3 */
  #together({ id, type }: CallItem | MessageItem): Refusal | undefined {
    const reasoning = requiredReasoning(id);
    if (reasoning === undefined || this.#reasoning.has(reasoning)) return undefined;
    const message = `Item '${id}' of type '${type}' was provided without its required 'reasoning' item: '${reasoning}'.`;
    return invalid(message, 'input');
  }

  #say(said: { text?: string; call?: { id: string; name: string; arguments: unknown } }): void {
    const turn = this.messages.pop();
    if (turn?.role !== 'assistant') return;
    const calls = said.call === undefined ? turn.calls : [...turn.calls, said.call];
    this.messages.push({ ...turn, text: turn.text + (said.text ?? ''), calls });
  }
}

function speakerOf(item: Exclude<Item, { type: 'item_reference' }>): Speaker {
  if (item.type === 'function_call_output') return 'tool';
  return item.type === 'message' && item.role !== 'assistant' ? 'user' : 'model';
}

type Content = MessageItem['content'] | ResultItem['output'];

function textOf(content: Content): string {
  if (typeof content === 'string') return content;
  return content.map((part) => ('text' in part ? part.text : part.refusal)).join('');
}

/** A call's arguments as a character hears them; what is no JSON stays a text. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
