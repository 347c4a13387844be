import type { FaultResult } from './result.ts';

/** No run stands still longer, beside the time that a scenario takes from it: README.md says what it is made of. */
export const STALL_MS_MAX = 10_000;
/** Effects that one crash or hang of an executor may leave unknown: 4 under way, and outcomes that were not stored yet. */
export const UNKNOWN_PER_CRASH_MAX = 16;

/** What a scenario allows beside {@link STALL_MS_MAX}, in ms. */
interface Bounds {
  absenceMs?: number | undefined;
  resumeMsMax?: number | undefined;
}

/** Why a scenario did not pass, one sentence each; empty if it did. `checked` is what the scenario itself found. Pure. */
export function verdict(
  result: Omit<FaultResult, 'passed' | 'wrong'>,
  interruptions: number,
  checked: readonly string[],
  { absenceMs = 0, resumeMsMax = Infinity }: Bounds = {},
): string[] {
  const r = result;
  const wrong: string[] = [];
  const must = (holds: boolean, sentence: string) => void (holds || wrong.push(sentence));
  must(
    Object.values(r.disturbances).some((times) => times > 0),
    'nothing was disturbed',
  );
  must(r.runs === r.runs_planned, `${r.runs} runs are in the log, not ${r.runs_planned}`);
  const completed = r.statuses['completed'] ?? 0;
  must(completed === r.runs_planned, `${completed} of ${r.runs_planned} runs completed`);
  must(r.violations.length === 0, `the audit found ${r.violations.length} violations`);
  must(r.dead_letters === 0, `${r.dead_letters} messages were buried`);
  must(r.effects_done > 0, 'no effect ran');
  must(
    r.effects_in_ledger === r.effects_planned,
    `${r.effects_in_ledger} of ${r.effects_planned} planned effects are in the ledger`,
  );
  must(
    r.effects_applied + r.effects_unknown === r.effects_in_ledger,
    `only ${r.effects_applied} effects are applied and ${r.effects_unknown} unknown, of ${r.effects_in_ledger}`,
  );
  must(r.effect_differences.length === 0, `effects and ledger differ: ${r.effect_differences.slice(0, 3).join('; ')}`);
  must(r.effect_runs_per_call_max <= 1, `one effect ran ${r.effect_runs_per_call_max} times`);
  const unknownMax = interruptions * UNKNOWN_PER_CRASH_MAX;
  must(
    r.effects_unknown <= unknownMax,
    `${r.effects_unknown} effects are unknown after ${interruptions} crashes or hangs of an executor; at most ${unknownMax} were to be`,
  );
  const stallMsMax = STALL_MS_MAX + absenceMs;
  must(r.longest_stall_ms <= stallMsMax, `a run stood still for ${r.longest_stall_ms} ms; at most ${stallMsMax}`);
  must(r.resume_p99_ms <= resumeMsMax, `runs moved on after ${r.resume_p99_ms} ms; at most ${resumeMsMax}`);
  return [...wrong, ...checked];
}
