import {
  type Content,
  encode,
  INTAKE,
  messageId,
  misfit,
  RUN_TASK,
  type RunRef,
  type Token,
  writesVersion,
} from '@troupe/contract';
import { LRUCache } from 'lru-cache';
import { type Clock, ConflictError, type Journal, TransientError } from './ports.ts';
import type { Submission } from './submission.ts';

/** A cancel whose run has not begun waits for its goal this long; then it means no run that there is. */
const CANCEL_PATIENCE_MS = 5_000;
/** Cancels that wait at once; of more, the oldest begin to wait anew. */
const CANCELS_WAITING_MAX = 10_000;

/** The first message of a run, and the request to end it: nobody writes more than these two from outside. */
const STARTED = 0;
const CANCELLED = 1;

/** By when what came from outside, and is no goal with a time of its own, has to be answered. */
const ANSWERED_MS_MAX = 600_000;

interface IntakeOptions {
  /** Who takes goals. */
  role: Token;
  /** The version of its decider, code and configuration: the first message of each run names it. */
  version: string;
  journal: Journal;
  clock: Clock;
  /** Aborted when the process must end at once. */
  signal: AbortSignal;
}

/**
 * Takes what people publish into the logs of runs: from then on nothing of a run is anywhere else. Whoever takes a goal
 * in need not be where the run is at home, and a goal that comes again, or another one with the same `id`, finds its run
 * begun (A1) and changes nothing.
 */
export class Intake {
  readonly #options: IntakeOptions;
  /**
   * When each of them was first tried here (Unix ms). How long it was stored says nothing: its goal may have been stored
   * as long, and be in hand just now.
   */
  readonly #waiting = new LRUCache<string, number>({ max: CANCELS_WAITING_MAX });

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /**
   * Resolves when it is in the log. Rejects with TransientError when it should be tried again. `isFresh`: nobody can have
   * taken this very message in before.
   */
  async take(submission: Submission, isFresh: boolean): Promise<void> {
    if (await this.#hasLeft(submission, isFresh)) return;
    switch (submission.type) {
      case 'goal.accepted':
        return await this.#write(submission, STARTED, 0, { type: 'run.started', body: { goal: submission.goal } });
      case 'goal.rejected': {
        const { reason, excerpt } = submission;
        return await this.#write(submission, STARTED, 0, { type: 'run.rejected', body: { reason, excerpt } });
      }
      case 'run.cancel':
        return await this.#cancel(submission);
    }
  }

  /** The log of a run that is over ends in the archive: without a look there its goal would begin it again. */
  async #hasLeft(submission: Submission, isFresh: boolean): Promise<boolean> {
    const isNamed = submission.type === 'goal.accepted' && submission.goal.id !== undefined;
    if (submission.type !== 'run.cancel' && isFresh && !isNamed) return false;
    return await this.#options.journal.isArchived({ tenant: submission.tenant, run: submission.run });
  }

  async #cancel(submission: Submission): Promise<void> {
    const { journal, clock, role } = this.#options;
    const ref = { tenant: submission.tenant, run: submission.run };
    const started = await journal.received(ref, messageId(INTAKE, RUN_TASK, STARTED), role);
    if (started === undefined) {
      const since = this.#waiting.get(submission.id) ?? clock.now();
      this.#waiting.set(submission.id, since);
      if (clock.now() - since <= CANCEL_PATIENCE_MS)
        throw new TransientError(`the run ${ref.run} that is to be cancelled has not begun`);
      this.#waiting.delete(submission.id);
      return;
    }
    this.#waiting.delete(submission.id);
    if (await journal.hasEnded(ref)) return;
    await this.#write(submission, CANCELLED, started.seq, { type: 'cancel.requested', body: {} });
  }

  async #write(
    { tenant, run, at, id: cause }: RunRef & { at: number; id: string },
    ordinal: number,
    expectedSeq: number,
    content: Content<'run.started' | 'run.rejected' | 'cancel.requested'>,
  ): Promise<void> {
    const { role, version, journal, signal } = this.#options;
    const message = {
      ...content,
      id: messageId(INTAKE, RUN_TASK, ordinal),
      run,
      task: RUN_TASK,
      v: writesVersion(content.type),
      at,
      cause,
      tenant,
      budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: at + timeOf(content) },
      integrity: 'user',
      decider: version,
    };
    const wrong = misfit(message);
    if (wrong !== undefined) throw new TypeError(wrong);
    const scope = { tenant, run, task: RUN_TASK, role: INTAKE };
    const address = { tenant, run, task: RUN_TASK, from: INTAKE, to: role, ordinal };
    try {
      await journal.append({ scope, address, bytes: encode(message), expectedSeq }, signal);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // Its run has begun, or was cancelled, before. A cluster may also say so of a message that it has not stored yet.
      if ((await journal.received({ tenant, run }, message.id, role)) === undefined)
        throw new TransientError(`${message.id} of run ${run} could not be written`);
    }
  }
}

const timeOf = (content: Content<'run.started' | 'run.rejected' | 'cancel.requested'>): number =>
  content.type === 'run.started' ? content.body.goal.options.deadline_ms : ANSWERED_MS_MAX;
