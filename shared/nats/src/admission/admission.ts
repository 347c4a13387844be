import { INTAKE, type RunAddress, type RunId, type Token, USER } from '@troupe/contract';
import type { Allowance } from '../ports/capacity.ts';
import { type Delay, Delays, meanDelay, type Meter } from './delays.ts';
import { fairLevel } from './fair-level.ts';
import { Gate } from './gate.ts';
import { RunTime } from './run-time.ts';
import { firstWindow, nextWindow, type Window } from './window.ts';

/** Between two steps of the window. */
const STEP_MS = 100;
/** How soon a goal that waits is looked at again. */
const LOOK_MS = 100;
/** Goals that one tenant's consumer asks for at once, at most. */
export const GOALS_BATCH_MAX = 64;

interface AdmissionOptions {
  /** Runs in flight, at most, that this process has begun. */
  runsMax: number;
  /** See {@link nextWindow}. */
  patience?: number;
  /** ms of a clock that does not jump. */
  now?: () => number;
  /** What the processes of other roles tell of theirs. */
  others?: () => Delay[];
  /** A tenant's goals have to wait. */
  onHeld?: (tenant: Token) => void;
}

/**
 * Which goals are taken in now. What is taken in goes through the same mailboxes as everybody's runs, so only so many
 * are in flight that messages are hardly late ({@link nextWindow}); the other goals stay in their stream. Tenants have
 * equal parts of it, and who wants less is not behind those who want more ({@link fairLevel}).
 */
export class Admission implements Meter {
  readonly #runsMax: number;
  readonly #patience: number;
  readonly #now: () => number;
  readonly #others: () => Delay[];
  readonly #onHeld: (tenant: Token) => void;
  readonly #gates: Gate[] = [];
  readonly #delays = new Delays();
  readonly #runTime = new RunTime();
  #isHome: (run: RunId) => boolean = () => true;
  /** Whether others take the same runs and goals. */
  #isShared = false;
  #window: Window;
  #steppedAt = -Infinity;
  /** Runs since then. */
  #ended = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({
    runsMax,
    patience = 1,
    now = () => performance.now(),
    others = () => [],
    onHeld = () => undefined,
  }: AdmissionOptions) {
    this.#runsMax = runsMax;
    this.#patience = patience;
    this.#now = now;
    this.#others = others;
    this.#onHeld = onHeld;
    this.#window = firstWindow(runsMax);
  }

  /** Runs that may be in flight. */
  get window(): number {
    return this.#window.runs;
  }

  /** The mean delay of a message in ms, lately. */
  get delayMs(): number {
    return this.#window.delayMs;
  }

  /** Runs that were begun here and have not ended, as far as that is seen. */
  get inFlight(): number {
    return this.#gates.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  /** Goals that were seen to wait in the streams. */
  get waiting(): number {
    return this.#gates.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** What the consumer of a tenant's goals may ask for, beside what `capacity` leaves it. */
  gate(tenant: Token, capacity: Allowance): Gate {
    const [share, onShort] = [(own: Gate) => this.#share(own), () => this.#watch()];
    const gate = new Gate(tenant, capacity, { share, onShort, now: this.#now });
    this.#gates.push(gate);
    return gate;
  }

  delivered(ms: number): void {
    this.#delays.delivered(ms, this.#now());
    this.#step();
  }

  sent(): () => void {
    const confirmed = this.#delays.sent(this.#now());
    return () => confirmed(this.#now());
  }

  /**
   * This process has written a message. The runs that it begins are in flight until it sees their end; where others may
   * see that, for as long as runs take: wherever a run is at home it is charged to its tenant.
   */
  stored({ tenant, run, from, to, ordinal }: RunAddress): void {
    const runs = this.#gateOf(tenant)?.runs;
    const now = this.#now();
    if (from === INTAKE && ordinal === 0) {
      const isHome = this.#isHome(run);
      runs?.begin(run, isHome && !this.#isShared, now);
      if (isHome) this.#runTime.begun(run, now);
    } else if (to === USER) {
      this.#runTime.ended(run, now);
      if (runs?.end(run) === true) this.#ended += 1;
    }
  }

  /** Other runs than before may be at home here; `isShared`: everybody is at home with all of them, for now. */
  settle(isHome: (run: RunId) => boolean, isShared = false): void {
    this.#isHome = isHome;
    this.#isShared = isShared;
    for (const { runs } of this.#gates) runs.doubt();
  }

  /** Whether a goal of a tenant that was stored before the sequence `before` may still have to wait. */
  mayBring(tenant: Token, before: number): boolean {
    const gate = this.#gateOf(tenant);
    // What others have in hand or give back meanwhile is not seen.
    return gate !== undefined && (this.#isShared || gate.mayBring(before));
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #gateOf(tenant: Token): Gate | undefined {
    return this.#gates.find((gate) => gate.tenant === tenant);
  }

  /** How many goals a gate may ask for now. */
  #share(own: Gate): number {
    const others = this.#gates.filter((gate) => gate !== own).map(({ wanted }) => wanted);
    const level = Math.max(1, Math.floor(fairLevel(this.#window.runs, others)));
    // What is asked for is not missing to others: of a tenant that publishes nothing it stays open.
    const atOnce = Math.max(1, Math.floor(this.#window.runs / (2 * this.#gates.length)));
    return Math.min(atOnce, level - own.inFlight - own.taken);
  }

  #watch(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  #look(): void {
    this.#step();
    const short = this.#gates.filter((gate) => gate.isShort);
    if (short.length === 0) return this.stop();
    // Whoever has least is asked first.
    for (const gate of short.toSorted((a, b) => a.inFlight - b.inFlight)) gate.ask();
  }

  #step(): void {
    const now = this.#now();
    if (now - this.#steppedAt < STEP_MS) return;
    const elsewhereMs = this.#runTime.chargedMs(now);
    const forgotten = this.#gates.reduce((sum, { runs }) => sum + runs.forget(now, elsewhereMs), 0);
    // A guess at how long runs take must not say how many are through.
    const ended = this.#ended + (this.#runTime.isKnown(now) ? forgotten : 0);
    const endedPerS = (1_000 * ended) / (now - this.#steppedAt);
    this.#steppedAt = now;
    this.#ended = 0;
    const own = this.#delays.take(now);
    const delayMs = meanDelay(own, this.#others());
    const short = this.#gates.filter((gate) => gate.wasShort);
    for (const { tenant } of short) this.#onHeld(tenant);
    const { inFlight } = this;
    const seen = { delayMs, inFlight, endedPerS, isShort: short.length > 0 };
    this.#window = nextWindow(this.#window, this.#runsMax, seen, this.#patience);
    for (const gate of short) gate.wasShort = false;
  }
}
