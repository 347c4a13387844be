import type { Disturbances } from './scenario.ts';

/** What one scenario showed; the keys of `--json`. */
export interface FaultResult {
  name: string;
  seed: number;
  passed: boolean;
  /** Why it did not pass, one sentence each. */
  wrong: string[];
  seconds: number;
  disturbances: Disturbances;
  runs: number;
  runs_planned: number;
  messages: number;
  /** Runs that have a transcript, and those of which the log has nothing any more. */
  archived: number;
  left: number;
  statuses: Record<string, number>;
  violations: string[];
  dead_letters: number;
  effects_planned: number;
  effects_in_ledger: number;
  effects_applied: number;
  effects_unknown: number;
  effects_done: number;
  effect_runs_per_call_max: number;
  /** Sentences: effects that are in the ledger or in the world, but not in both. */
  effect_differences: string[];
  model_answers: number;
  /** Undefined where a gateway was killed and its count with it. */
  model_calls: number | undefined;
  resumed: number;
  resume_p50_ms: number;
  resume_p99_ms: number;
  longest_stall_ms: number;
  longest_stall: string;
}
