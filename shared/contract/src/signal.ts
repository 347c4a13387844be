import type { Goal } from './goal.ts';
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

/** Inputs that come from outside a run's log: from `GOALS` and `TIMERS`. */
export type Signal =
  | (SignalBase & { type: 'goal.accepted'; goal: Goal })
  | (SignalBase & { type: 'goal.rejected'; reason: string; excerpt: string })
  | (SignalBase & { type: 'run.cancel' })
  | (SignalBase & { type: 'deadline' });

/** Whatever a role may be given to decide on. */
export type Input = Message | Signal;
