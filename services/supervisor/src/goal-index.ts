import { parseSubmission } from '@troupe/actor';
import { type RunId, STREAMS, subjects, type Token } from '@troupe/contract';
import { type Bus, readStored } from '@troupe/nats';
import { LRUCache } from 'lru-cache';

/** A goal may wait and be planned for as long as a run may take. */
const WINDOW_MS = 86_400_000;
const GOALS_MAX = 50_000;

/**
 * Which runs were asked for lately, and by which tenant: a goal that nobody has taken in has nothing in the log yet. It
 * is read only when somebody asks for such a run, from where it was read to before.
 */
export class GoalIndex {
  readonly #bus: Bus;
  readonly #tenants = new LRUCache<RunId, Token>({ max: GOALS_MAX });
  #nextSeq = 0;
  #reading: Promise<void> | undefined;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** The tenant whose goal became this run; undefined if nobody asked for it in the last day. `now` in Unix ms. */
  async tenantOf(run: RunId, now: number): Promise<Token | undefined> {
    if (!this.#tenants.has(run)) await this.#readOn(now);
    return this.#tenants.get(run);
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
      stream: STREAMS.goals,
      subject: subjects.allGoals,
      ...start,
    })) {
      this.#nextSeq = seq + 1;
      const goal = asGoal(subject, bytes, seq, at);
      if (goal !== undefined) this.#tenants.set(goal.run, goal.tenant);
    }
  }
}

function asGoal(...stored: Parameters<typeof parseSubmission>): { run: RunId; tenant: Token } | undefined {
  try {
    return parseSubmission(...stored);
  } catch {
    return undefined;
  }
}
