import { LRUCache } from 'lru-cache';
import type { Actor } from './actor.ts';

/** Actors in memory: least recently used go first, busy ones stay. Bounded by `actorsMax` (busy ones may exceed it). */
export class ActorCache<State> {
  readonly #actors = new Map<string, Actor<State>>();
  /** Keys of actors that are done: they are not new, however new they look. */
  readonly #done: LRUCache<string, true>;
  readonly #actorsMax: number;

  constructor(actorsMax: number) {
    this.#actorsMax = actorsMax;
    this.#done = new LRUCache({ max: actorsMax });
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

  // By hand, not an LRUCache: a busy actor must stay whatever its age, and `lru-cache` evicts without asking.
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
    this.#done.set(key, true);
  }

  wasRetired(key: string): boolean {
    return this.#done.has(key);
  }
}
