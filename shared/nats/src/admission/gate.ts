import type { Token } from '@troupe/contract';
import { ACK_WAIT_MS } from '../broker/topology.ts';
import type { Allowance, Asker } from '../ports/capacity.ts';
import type { Progress } from '../ports/pull-consumer.ts';
import { RunsInFlight } from './runs-in-flight.ts';

/** A goal that is due to come again is on its way for no longer. */
const AGAIN_LATE_MS = 1_000;

interface GateOptions {
  /** How many more goals the gate may ask for. */
  share: (own: Gate) => number;
  /** It wanted to ask for more than that. */
  onShort: () => void;
  /** ms of a clock that does not jump. */
  now: () => number;
}

/** One tenant's way in: what the consumer of its goals may ask for, and what became of it. */
export class Gate implements Allowance {
  readonly tenant: Token;
  /** Its runs in flight. */
  readonly runs = new RunsInFlight();
  /** Whether it was short since this was last unset. */
  wasShort = false;
  readonly #capacity: Allowance;
  readonly #options: GateOptions;
  #asker: Asker | undefined;
  #waiting = 0;
  #lastSeq = 0;
  #isShort = false;
  #isOpen = true;
  /** Goals from this sequence on were delivered and may come again, until it is so late (ms) that they would have. */
  #againFrom = Infinity;
  #againUntil = -Infinity;

  constructor(tenant: Token, capacity: Allowance, options: GateOptions) {
    this.tenant = tenant;
    this.#capacity = capacity;
    this.#options = options;
  }

  get inFlight(): number {
    return this.runs.size;
  }

  /** Goals that were asked for or are in hand. */
  get taken(): number {
    return this.#asker?.taken() ?? 0;
  }

  /** Goals that waited behind the last one that came. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether nothing is asked for, because it may not. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** The runs that it would have in flight, were there nobody else. */
  get wanted(): number {
    return this.#isShort || this.#waiting > 0 ? Infinity : this.inFlight;
  }

  add(asker: Asker): void {
    this.#asker = asker;
    this.#capacity.add(asker);
  }

  free(asker: Asker): number {
    return Math.min(this.#options.share(this), this.#capacity.free(asker));
  }

  /** Short is who was refused, until it is not: from then on nobody else would ask for it. */
  claim(asker: Asker): number {
    const share = this.#options.share(this);
    this.#isShort = share <= 0 && this.taken === 0;
    if (share <= 0) {
      this.wasShort = true;
      this.#options.onShort();
    }
    return Math.min(share, this.#capacity.claim(asker));
  }

  /** What was on its way to a consumer that is stopped says nothing: others are given what is behind it. */
  came({ pending, seq = 0, deliveries = 1 }: Progress): void {
    if (!this.#isOpen) return;
    // What comes again is delivered before anything else: once that is over nothing of it is left.
    if (deliveries === 1 && this.#options.now() > this.#againUntil) this.#againFrom = Infinity;
    this.#waiting = pending;
    this.#lastSeq = Math.max(this.#lastSeq, seq);
  }

  /** Goals from this sequence on, that were delivered here or elsewhere, come again within so many ms if they are asked for. */
  mayComeAgain(seq: number, withinMs: number): void {
    this.#againFrom = Math.min(this.#againFrom, seq);
    this.#againUntil = Math.max(this.#againUntil, this.#options.now() + withinMs + AGAIN_LATE_MS);
  }

  /** Whether a goal before this sequence may still wait, here or elsewhere: but for those that come again they come in their order. */
  mayBring(before: number): boolean {
    if (!this.#isOpen || this.#againFrom < before || this.#asker?.holds(before) === true) return true;
    return this.#lastSeq < before && (this.#isShort || this.#waiting > 0);
  }

  ask(): void {
    this.#asker?.ask();
  }

  /**
   * The goals are taken in here, perhaps as before: what is in flight may have become less, and what somebody else had in
   * hand comes here.
   */
  open(): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = true;
    this.mayComeAgain(0, ACK_WAIT_MS);
    if (wasOpen) this.ask();
  }

  /** The goals are taken in elsewhere. */
  close(): void {
    this.#isOpen = false;
    this.#isShort = false;
    this.#waiting = 0;
  }
}
