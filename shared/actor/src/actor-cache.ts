import type { Actor } from './actor.ts';

/** Actors in memory: least recently used go first, busy ones stay. Bounded by `actorsMax` (busy ones may exceed it). */
export class ActorCache<State> {
  readonly #actors = new Map<string, Actor<State>>();
  /** Keys of actors that are done: they are not new, however new they look (bounded, oldest first). */
  readonly #done = new Set<string>();
  readonly #actorsMax: number;

  constructor(actorsMax: number) {
    this.#actorsMax = actorsMax;
  }

  get size(): number {
    return this.#actors.size;
  }

  get(key: string): Actor<State> | undefined {
    const actor = this.#actors.get(key);
    if (actor !== undefined) {
      this.#actors.delete(key);
      this.#actors.set(key, actor);
    }
    return actor;
  }

  put(key: string, actor: Actor<State>): void {
    this.#actors.set(key, actor);
    if (this.#actors.size <= this.#actorsMax) return;
    for (const [candidate, { busy }] of this.#actors) {
      if (busy > 0 || candidate === key) continue;
      this.#actors.delete(candidate);
      if (this.#actors.size <= this.#actorsMax) return;
    }
  }

  drop(key: string): void {
    this.#actors.delete(key);
  }

  /** The actor is done: free its state, remember that it was here. */
  retire(key: string): void {
    this.#actors.delete(key);
    this.#done.add(key);
    if (this.#done.size <= this.#actorsMax) return;
    for (const oldest of this.#done) {
      this.#done.delete(oldest);
      return;
    }
  }

  wasRetired(key: string): boolean {
    return this.#done.has(key);
  }
}
