import { readSubmission } from '@troupe/actor';
import { goalsStream, type RunId, subjects, type Token } from '@troupe/contract';
import { type Bus, readStored } from '@troupe/nats';
import { LRUCache } from 'lru-cache';

/** A goal may wait and be planned for as long as a run may take. */
const WINDOW_MS = 86_400_000;
const GOALS_MAX = 50_000;

/**
 * Which runs a tenant has asked for lately: a goal that nobody has taken in has nothing in the log yet. It is
 * read only when somebody asks for such a run, from where it was read to before.
 */
export class GoalIndex {
  readonly #bus: Bus;
  readonly #tenant: Token;
  readonly #runs = new LRUCache<RunId, true>({ max: GOALS_MAX });
  #nextSeq = 0;
  #reading: Promise<void> | undefined;

  constructor(bus: Bus, tenant: Token) {
    this.#bus = bus;
    this.#tenant = tenant;
  }

  /** Whether a goal of the tenant becomes this run, or has become it in the last day. `now` in Unix ms. */
  async has(run: RunId, now: number): Promise<boolean> {
    if (!this.#runs.has(run)) await this.#readOn(now);
    return this.#runs.has(run);
  }

  /** One reading at a time: who asks meanwhile waits for the next one, which sees what was stored before they asked. */
  async #readOn(now: number): Promise<void> {
    await this.#reading;
    this.#reading ??= this.#read(now).finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  async #read(now: number): Promise<void> {
    const start = this.#nextSeq === 0 ? { fromSeq: 1, fromTime: now - WINDOW_MS } : { fromSeq: this.#nextSeq };
    for await (const { subject, bytes, seq, at } of readStored(this.#bus, {
      stream: goalsStream(this.#tenant),
      subject: subjects.goals(this.#tenant),
      ...start,
    })) {
      this.#nextSeq = seq + 1;
      const goal = readSubmission(subject, bytes, seq, at);
      if (goal !== undefined) this.#runs.set(goal.run, true);
    }
  }
}
