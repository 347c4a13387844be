/**
 * The actor runtime. Invariants, cited where they bind:
 *
 * A1 one writer: every message is appended on the expectation that the actor's last one is still the last (write.ts).
 * A2 every input leaves a mark: a message in the log names it as its cause (write.ts, actor.ts). The exceptions are
 *    signals that come too late or twice: what is skipped once is skipped always (step.ts, actors.ts).
 * A3 record, then ack: a delivery is acked when all outputs of its step are in the log (step.ts, complete.ts, here).
 * A4 one place decides the fate of a delivery (settle.ts); long work keeps its delivery alive (in-hand.ts).
 * A5 everything is bounded: cache, deliveries, races, in-flight work (options below, settle.ts, step.ts).
 * A6 drain: stop pulling, finish or give back what is in hand, within the grace period; after it nothing is written
 *    (here, step.ts, write.ts).
 * A7 state is a fold of the log: an actor that is not in memory is rebuilt from it (rebuild.ts).
 */
import type { Input } from '@troupe/contract';
import type { InputLabel } from '@troupe/telemetry';
import { Actors } from './actors.ts';
import { backoffMs } from './backoff.ts';
import { takeEach } from './due.ts';
import { type Held, InHand } from './in-hand.ts';
import { Intake } from './intake.ts';
import type { RuntimeOptions } from './options.ts';
import type { Delivery } from './ports.ts';
import { receive } from './receive.ts';
import { deliveriesMaxAt, type Fate, fateOf, UNREAD_DELIVERIES_MAX } from './settle.ts';
import { parseSubmission } from './submission.ts';
import { SUSPECT_DELIVERIES, Suspects } from './suspects.ts';
import { Waiting } from './waiting.ts';

/** What a delivery holds, and how it is taken. */
interface Work {
  labels: readonly InputLabel[];
  take(): Promise<void>;
}

/** Runs one role until it is drained. */
export class ActorRuntime<State, Q, A> {
  readonly #options: RuntimeOptions<State, Q, A>;
  readonly #actors: Actors<State, Q, A>;
  readonly #intake: Intake;
  readonly #inHand: InHand;
  readonly #suspects: Suspects;
  readonly #waiting: Waiting;
  readonly #abort = new AbortController();
  readonly #draining = new AbortController();

  constructor(options: RuntimeOptions<State, Q, A>) {
    this.#options = options;
    this.#inHand = new InHand(options.keepAliveMs);
    this.#suspects = new Suspects(options.ports.clock);
    this.#waiting = new Waiting(options.ports.clock);
    this.#actors = new Actors(options, this.#abort.signal);
    const { role, version, ports } = options;
    this.#intake = new Intake({ ...ports, role: role.name, version, signal: this.#abort.signal });
    options.telemetry.gauges({ inHand: () => this.#inHand.size, actors: () => this.#actors.size });
  }

  start(): Promise<void> {
    return this.#options.ports.mailbox.open((delivery) => void this.#handle(delivery));
  }

  /** A6. Resolves when nothing is in hand; what is not finished after `graceMs` is given back at once. */
  async drain(graceMs: number): Promise<void> {
    this.#draining.abort();
    await this.#options.ports.mailbox.stopPulling();
    const grace = new Promise<void>((resolve) => {
      setTimeout(resolve, graceMs).unref();
    });
    await Promise.race([this.#inHand.empty(), grace]);
    this.#abort.abort();
    for (const held of this.#inHand.all()) this.#giveBack(held, 0);
    this.#inHand.stop();
  }

  async #handle(delivery: Delivery): Promise<void> {
    if (delivery.deliveries > 1) this.#options.telemetry.redelivered(delivery.source);
    const held = this.#inHand.take(delivery);
    if (held === undefined) return;
    if (this.#draining.signal.aborted) return this.#giveBack(held, 0);
    if (delivery.deliveries >= SUSPECT_DELIVERIES && !this.#waiting.has(delivery)) await this.#suspects.turn();
    for (let [failures, defects] = [1, 0]; this.#inHand.has(held); failures += 1) {
      const fate = await this.#attempt(held, failures, defects);
      if (fate === undefined) return;
      if (fate.defect) defects += 1;
      if (await this.#pause(fate.pauseMs)) return this.#giveBack(held, 0);
    }
  }

  /** Tries a delivery once. Returns a fate only when it stays in hand and is to be tried again. */
  async #attempt(held: Held, failures: number, defects: number): Promise<(Fate & { kind: 'again' }) | undefined> {
    const { telemetry, ports } = this.#options;
    const { current } = held;
    const started = performance.now();
    let work: Work = { labels: [], take: () => Promise.resolve() };
    try {
      const { deliveries } = current;
      if (deliveries > UNREAD_DELIVERIES_MAX) return await this.#bury(held, undefined, tooOften(deliveries));
      // What failed before may have been stored in part.
      work = this.#read(current, current.isFresh && failures === 1);
      if (deliveries > deliveriesMaxAt(ports.clock.now() - current.at))
        return await this.#bury(held, work.labels[0], tooOften(deliveries));
      await work.take();
      this.#waiting.forget(current);
      // A3: everything is in the log; only now may the broker forget the delivery.
      this.#inHand.settle(held, (newest) => newest.ack());
      for (const label of work.labels) telemetry.handled(label, deliveries, performance.now() - started);
      return undefined;
    } catch (error) {
      // A6: given back already, or about to be.
      if (this.#abort.signal.aborted) return undefined;
      const ageMs = ports.clock.now() - current.at;
      const tries = { deliveries: held.current.deliveries, failures, defects, ageMs, random: Math.random() };
      return await this.#accept(held, work.labels[0], fateOf(error, tries)).catch((reason: unknown) => {
        const pauseMs = backoffMs(failures, Math.random());
        telemetry.failed(work.labels[0], 'retry', `could not be buried: ${String(reason)}`);
        return { kind: 'again', reason: String(reason), defect: false, pauseMs };
      });
    }
  }

  /** Parses a delivery: what is to be done for it. Throws what {@link receive} and {@link parseSubmission} throw. */
  #read(delivery: Delivery, isFresh: boolean): Work {
    const { role, layout, ports } = this.#options;
    const { source, subject, bytes, seq, at, deliveries } = delivery;
    if (source === 'goals') {
      const submission = parseSubmission(subject, bytes, seq, at);
      return { labels: [submission], take: () => this.#intake.take(submission, isFresh) };
    }
    const inputs = receive(role, layout, delivery);
    const take = (input: Input) => this.#actors.take(input, { deliveries, isFresh });
    const [only] = inputs;
    if (only !== undefined && inputs.length === 1) return { labels: inputs, take: () => take(only) };
    const signal = this.#abort.signal;
    return { labels: inputs, take: () => takeEach(inputs, deliveries, { ...ports, signal }, take) };
  }

  /** A4: acts on the fate that settle.ts decides. */
  async #accept(
    held: Held,
    input: InputLabel | undefined,
    fate: Fate,
  ): Promise<(Fate & { kind: 'again' }) | undefined> {
    if (fate.kind === 'dead') return this.#bury(held, input, fate.reason);
    const { telemetry } = this.#options;
    const isLeft = fate.kind === 'later' && fate.isLeft;
    if (!isLeft) telemetry.failed(input, 'retry', fate.reason);
    if (fate.kind === 'again') return fate;
    const pauseMs = fate.pauseMs + 2 * Math.random() * this.#waiting.crowdMs;
    const excess = this.#waiting.add(held.current, pauseMs);
    if (excess !== undefined) return this.#bury(held, input, `${excess}: ${fate.reason}`);
    if (isLeft) telemetry.left(input, fate.reason);
    this.#giveBack(held, pauseMs);
    return undefined;
  }

  async #bury(held: Held, input: InputLabel | undefined, reason: string): Promise<undefined> {
    const { telemetry, ports } = this.#options;
    const { seq, subject, bytes } = held.current;
    await ports.deadLetters.bury({ subject, seq, bytes, reason });
    telemetry.failed(input, 'dead', reason);
    this.#waiting.forget(held.current);
    this.#inHand.settle(held, (current) => current.reject());
    return undefined;
  }

  #giveBack(held: Held, delayMs: number): void {
    this.#inHand.settle(held, (current) => current.retry(delayMs));
  }

  /** Whether the pause was cut short because this process is stopping. */
  #pause(ms: number): Promise<boolean> {
    const { signal } = this.#draining;
    return new Promise((resolve) => {
      const stopped = () => resolve(true);
      if (signal.aborted) return stopped();
      signal.addEventListener('abort', stopped, { once: true });
      void this.#options.ports.clock.wait(ms).then(() => {
        signal.removeEventListener('abort', stopped);
        resolve(false);
      });
    });
  }
}

const tooOften = (deliveries: number): string =>
  `delivered ${deliveries} times: it may have ended or hung the processes that had it`;
