import type { RunId, Token } from './identifiers.ts';
import type { Message } from './message.ts';

interface SignalBase {
  /** `<kind>.<stream sequence>`: unique, and enough to rebuild the signal without reading it again. */
  id: string;
  run: RunId;
  tenant: Token;
  /** Unix ms at which the broker stored it. */
  at: number;
}

/** Inputs that are no message of a run's log. */
export type Signal =
  /** `at` is the time that the timer was armed for: what was armed for an earlier time is no deadline of a later one. */
  | (SignalBase & { type: 'deadline' })
  /**
   * An effect was recorded as started and its outcome was not: the process ended in between. `of` is the input that led
   * to it. It is decided on like any input, but never folded: a log tells it by a step without its end.
   */
  | (SignalBase & { type: 'effect.interrupted'; of: Received });

/** A message as it was stored. `storedAt` (Unix ms) is the broker's time; `at` is what the writer's clock said. */
export type Received = Message & { storedAt: number };

/** Whatever a role may be given to decide on. */
export type Input = Received | Signal;
