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
import { type Clock, ConflictError, type Journal, type Mailbox, TransientError } from './ports.ts';
import type { Submission } from './submission.ts';

/**
 * A cancel whose run has not begun waits for its goal this long, and for as long as goals that were stored before it are
 * not delivered; then it means no run that there is.
 */
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
  mailbox: Pick<Mailbox, 'mayBring'>;
  clock: Clock;
  /** Aborted when the process must end at once. */
  signal: AbortSignal;
}

type Cancel = Extract<Submission, { type: 'run.cancel' }>;

interface Waiting {
  cancel: Cancel;
  /**
   * Since when its goal could be here (Unix ms). How long it was stored says nothing: its goal may have been stored as
   * long, and be in hand just now.
   */
  since: number;
}

/**
 * Takes what people publish into the logs of runs: from then on nothing of a run is anywhere else. Whoever takes a goal
 * in need not be where the run is at home, and a goal that comes again, or another one with the same `id`, finds its run
 * begun (A1) and changes nothing.
 */
export class Intake {
  readonly #options: IntakeOptions;
  /** Cancels whose run has not begun, by their run. */
  readonly #waiting = new LRUCache<string, Waiting>({ max: CANCELS_WAITING_MAX });

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
      case 'goal.accepted': {
        const seq = await this.#write(submission, STARTED, 0, { type: 'run.started', body: { goal: submission.goal } });
        return await this.#follow(submission, seq);
      }
      case 'goal.rejected': {
        const { reason, excerpt } = submission;
        await this.#write(submission, STARTED, 0, { type: 'run.rejected', body: { reason, excerpt } });
        return;
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

  async #cancel(cancel: Cancel): Promise<void> {
    const { journal, clock, mailbox, role } = this.#options;
    const ref = { tenant: cancel.tenant, run: cancel.run };
    const key = keyOf(ref);
    const started = await journal.received(ref, messageId(INTAKE, RUN_TASK, STARTED), role);
    if (started === undefined) {
      const now = clock.now();
      const isHeld = mailbox.mayBring(ref.tenant, cancel.seq);
      const since = isHeld ? now : (this.#waiting.get(key)?.since ?? now);
      this.#waiting.set(key, { cancel, since });
      if (now - since <= CANCEL_PATIENCE_MS)
        throw new TransientError(`the run ${ref.run} that is to be cancelled has not begun`);
      // A read may lag behind by longer than that: it is not what a cancel may be dropped on.
      if ((await journal.lastSeq({ ...ref, task: RUN_TASK, role: INTAKE }, role)) > 0)
        throw new TransientError(`the beginning of the run ${ref.run} that is to be cancelled cannot be read yet`);
      this.#waiting.delete(key);
      return;
    }
    this.#waiting.delete(key);
    if (await journal.hasEnded(ref)) return;
    await this.#write(cancel, CANCELLED, started.seq, { type: 'cancel.requested', body: {} });
  }

  /** A cancel that waits for this run is its second message: it finds its place taken when it is tried again. */
  async #follow(ref: RunRef, startedSeq: number): Promise<void> {
    const waiting = this.#waiting.get(keyOf(ref));
    if (waiting === undefined) return;
    await this.#write(waiting.cancel, CANCELLED, startedSeq, { type: 'cancel.requested', body: {} });
  }

  /** Returns the sequence of the message at this place, whoever wrote it. */
  async #write(
    { tenant, run, at, id: cause }: RunRef & { at: number; id: string },
    ordinal: number,
    expectedSeq: number,
    content: Content<'run.started' | 'run.rejected' | 'cancel.requested'>,
  ): Promise<number> {
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
      return await journal.append({ scope, address, bytes: encode(message), expectedSeq }, signal);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // Its run has begun, or was cancelled, before. A cluster may also say so of a message that it has not stored yet.
      const written = await journal.received({ tenant, run }, message.id, role);
      if (written === undefined) throw new TransientError(`${message.id} of run ${run} could not be written`);
      return written.seq;
    }
  }
}

const timeOf = (content: Content<'run.started' | 'run.rejected' | 'cancel.requested'>): number =>
  content.type === 'run.started' ? content.body.goal.options.deadline_ms : ANSWERED_MS_MAX;

const keyOf = ({ tenant, run }: RunRef): string => `${tenant}/${run}`;
