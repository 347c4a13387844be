import type { Item } from './request.ts';

/** Responses that are remembered; older ones are gone. */
export const RESPONSES_KEPT_MAX = 1_000;

/** What `store` keeps: by response the whole conversation up to and with it. */
export class ResponseStore {
  #conversations = new Map<string, readonly Item[]>();

  get size(): number {
    return this.#conversations.size;
  }

  keep(id: string, conversation: readonly Item[]): void {
    this.#conversations.set(id, conversation);
    const [oldest] = this.#conversations.keys();
    if (this.#conversations.size > RESPONSES_KEPT_MAX && oldest !== undefined) this.#conversations.delete(oldest);
  }

  conversation(responseId: string): readonly Item[] | undefined {
    return this.#conversations.get(responseId);
  }

  item(id: string): Item | undefined {
    for (const items of this.#conversations.values()) {
      const found = items.find((item) => item.id === id);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
