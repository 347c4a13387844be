import type { Usage } from '@troupe/contract';
import type { Model } from '../models/model.ts';
import type { FailureKind } from '../providers/provider.ts';
import type { BreakerState } from './breakers.ts';
import type { Because } from './policy.ts';

/** One call to a model, as it ended. `cut` is an answer that its limit ended. */
export interface CallEnd {
  model: Model;
  outcome: 'ok' | 'cut' | FailureKind;
  durationMs: number;
  /** What it cost, if it told; `costUsd` is null if the price is not known. */
  paid: { usage: Usage; costUsd: number | null } | undefined;
}

/** Who is told what happens while models are asked. */
export interface CallObserver {
  called(call: CallEnd): void;
  /** A question is asked again, after an outcome of this kind. */
  repeated(because: Because, after: string): void;
  /** A provider's count of tokens was no such count, and was put right. */
  clamped(model: Model): void;
  breaker(model: Model, state: BreakerState): void;
}

export const silent: CallObserver = { called: () => {}, repeated: () => {}, clamped: () => {}, breaker: () => {} };
