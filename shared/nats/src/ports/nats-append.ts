import { type ActorScope, type Append, ConflictError, TransientError } from '@troupe/actor';
import { INTAKE, type LogLayout, parseRunSubject, RUN_TASK, type RunId, type Token } from '@troupe/contract';
import { AwayError } from '../bus/away-error.ts';
import type { BrokerClock } from '../bus/broker-clock.ts';
import { lastOn, type StoredMessage } from '../bus/direct-get.ts';
import { Expectation } from '../bus/expectation.ts';
import { type PublishAck, readPublishAck } from '../bus/publish-ack.ts';
import type { Requests } from '../bus/request-channel.ts';
import { untilVisible } from './visible.ts';

/** How long an append is repeated while nobody answers: a server that starts again, a cluster that elects (4–9 s), in ms. */
const AWAY_MS_MAX = 100_000;
/** How often an append that is refused (no space) is repeated before the whole delivery is tried again. */
const REFUSALS_MAX = 20;
const APPEND_PAUSE_MS = 250;
/** What is in flight in a cluster is decided when two of three servers have it. */
const UNDECIDED_PAUSE_MS = 20;
/** How often a server that does not know the actor's last message is asked again: it was the leader, and is not told yet. */
const BEHIND_MAX = 4;
/** No stream will ever have so many messages. */
const UNREACHABLE_SEQ = Number.MAX_SAFE_INTEGER;

type Refused = Exclude<PublishAck, { kind: 'stored' }>;

/** The writing half of the journal: appends on an expectation, and finds out whether a refused one is there already. */
export class NatsAppend {
  readonly #channel: Requests;
  readonly #layout: LogLayout;
  readonly #clock: BrokerClock;

  constructor(channel: Requests, layout: LogLayout, clock: BrokerClock) {
    this.#channel = channel;
    this.#layout = layout;
    this.#clock = clock;
  }

  /** See `Journal.append`. */
  async append(append: Append, signal: AbortSignal): Promise<number> {
    const { scope, address, bytes, expectedSeq } = append;
    const subject = this.#layout.message(address);
    const expectation = new Expectation(this.#layout.actor(scope), expectedSeq);
    const awayUntil = performance.now() + AWAY_MS_MAX;
    let behind = 0;
    for (let refusals = 0; ;) {
      try {
        const sent = this.#clock.local();
        const ack = readPublishAck(await this.#channel.request(subject, bytes, expectation));
        if (ack.kind === 'stored') {
          if (this.#clock.wantsSample()) await this.#sample(address.run, subject, sent);
          return ack.seq;
        }
        if (ack.kind === 'unexpected' && ack.lastSeq < expectedSeq && behind < BEHIND_MAX) {
          behind += 1;
          throw new AwayError(
            `the server that answered knows ${scope.role} in run ${scope.run} up to ${ack.lastSeq} only`,
          );
        }
        return await this.#earlier(append, ack);
      } catch (error) {
        if (!(error instanceof TransientError) || signal.aborted) throw error;
        if (!(error instanceof AwayError)) refusals += 1;
        if (refusals >= REFUSALS_MAX || performance.now() > awayUntil) throw error;
        // The answer may have cost a model call: hold on to it through a restart of the server.
        await pause(error instanceof UndecidedError ? UNDECIDED_PAUSE_MS : APPEND_PAUSE_MS);
        if (signal.aborted) throw error;
      }
    }
  }

  /** See `Journal.lastSeq`: an append that cannot be stored, because what it expects is never so. */
  async lastSeq(scope: ActorScope, to: Token): Promise<number> {
    const task = scope.task === '*' ? RUN_TASK : scope.task;
    const subject = this.#layout.message({ ...scope, task, from: scope.role, to, ordinal: 0 });
    const expectation = new Expectation(this.#layout.actor(scope), UNREACHABLE_SEQ);
    const answered = await untilVisible(
      async () => readPublishAck(await this.#channel.request(subject, '', expectation)),
      ({ kind }) => kind !== 'undecided',
    );
    if (answered.kind === 'unexpected') return answered.lastSeq;
    throw new TransientError(`the last message of ${scope.role} in run ${scope.run} is not known: ${answered.kind}`);
  }

  /**
   * An unmet expectation may be this very append, stored while its acknowledgement was lost: its sequence then. What is
   * known to be stored is read until it is seen, for a server that lags behind would make an own message somebody else's.
   */
  async #earlier({ scope, address, bytes, expectedSeq }: Append, refused: Refused): Promise<number> {
    const { run, ordinal } = address;
    const subject = this.#layout.message(address);
    const conflict = (lastSeq?: number) =>
      new ConflictError(`another message of this actor came before ${subject}`, lastSeq);
    if (refused.kind === 'undecided')
      throw new UndecidedError(`another message of this actor is under way: ${subject}`);
    const lastSeq = refused.kind === 'unexpected' ? refused.lastSeq : undefined;
    if (lastSeq !== undefined && lastSeq < expectedSeq) throw conflict(lastSeq);
    // What the intake writes goes to one role, which may read no more of it than that.
    const isSure = lastSeq === undefined || scope.role === INTAKE;
    let place = isSure ? subject : this.#layout.actor(scope);
    let found = await this.#visible(run, place, lastSeq === undefined || isSure ? 1 : lastSeq);
    const newest = parseRunSubject(found.subject)?.ordinal ?? ordinal;
    if (newest < ordinal) throw conflict(lastSeq);
    if (newest > ordinal) {
      // Ordinals have no gaps: there is one with this ordinal, whoever it went to.
      place = this.#layout.sent(scope, ordinal);
      found = await this.#visible(run, place, 1);
    }
    if (found.subject === subject && Buffer.from(found.bytes).equals(bytes)) return found.seq;
    throw conflict(lastSeq);
  }

  /** The last message on a subject, which is at `seq` or behind it. */
  async #visible(run: RunId, subject: string, seq: number): Promise<StoredMessage> {
    const isThere = (found: StoredMessage | undefined) => found !== undefined && found.seq >= seq;
    const found = await untilVisible(() => this.#last(run, subject), isThere);
    if (found !== undefined && isThere(found)) return found;
    throw new AwayError(`${subject} cannot be read yet, though it was stored`);
  }

  /**
   * Asks when the broker stored what was just appended: its clock is the one that counts. The first time it is waited
   * for: whoever has recorded an effect as started knows by then whether its grant still holds.
   */
  async #sample(run: RunId, subject: string, sent: number): Promise<void> {
    const acked = this.#clock.local();
    const sampled = this.#visible(run, subject, 1).then(
      ({ at }) => this.#clock.sample(sent, acked, at),
      () => undefined,
    );
    if (this.#clock.errorMs === Infinity) await sampled;
  }

  #last(run: RunId, subject: string): Promise<StoredMessage | undefined> {
    return lastOn(this.#channel, this.#layout.streamOf(run), subject);
  }
}

/** Soon known: the cluster is about to decide it. */
class UndecidedError extends AwayError {}

const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });
