import { describe, expect, it } from 'vitest';
import { STALL_MS_MAX, UNKNOWN_PER_CRASH_MAX, verdict } from './verdict.ts';

const GOOD = {
  name: 'roles',
  seed: 1,
  seconds: 30,
  disturbances: { role_kills: 20 },
  runs: 10,
  runs_planned: 10,
  messages: 240,
  archived: 10,
  left: 4,
  statuses: { completed: 10 },
  violations: [],
  dead_letters: 0,
  effects_planned: 20,
  effects_in_ledger: 20,
  effects_applied: 18,
  effects_unknown: 2,
  effects_done: 19,
  effect_runs_per_call_max: 1,
  effect_differences: [],
  model_answers: 90,
  model_calls: 90,
  resumed: 5,
  resume_p50_ms: 4_000,
  resume_p99_ms: 5_000,
  longest_stall_ms: 5_400,
  longest_stall: 'before x',
};

describe('a scenario', () => {
  it('passes when all runs completed, disturbed, with effects as in the ledger and no long stall', () => {
    expect(verdict(GOOD, 1, [])).toEqual([]);
  });

  it.each([
    ['nothing was killed', { disturbances: { role_kills: 0 } }, 'nothing was disturbed'],
    ['nothing was there to be killed', { disturbances: {} }, 'nothing was disturbed'],
    ['a run is missing', { runs: 9 }, '9 runs are in the log, not 10'],
    ['a run is partial', { statuses: { completed: 9, partial: 1 } }, '9 of 10 runs completed'],
    ['the audit found something', { violations: ['x'] }, 'the audit found 1 violations'],
    ['a message was buried', { dead_letters: 1 }, '1 messages were buried'],
    ['no effect ran', { effects_done: 0 }, 'no effect ran'],
    [
      'effects are missing',
      { effects_in_ledger: 17, effects_applied: 15 },
      '17 of 20 planned effects are in the ledger',
    ],
    ['an effect has no outcome', { effects_applied: 17 }, 'only 17 effects are applied and 2 unknown, of 20'],
    ['effects differ', { effect_differences: ['y'] }, 'effects and ledger differ: y'],
    ['an effect ran twice', { effect_runs_per_call_max: 2 }, 'one effect ran 2 times'],
    ['a run stood still', { longest_stall_ms: STALL_MS_MAX + 1 }, 'a run stood still for 10001 ms; at most 10000'],
  ])('does not pass when %s', (_what, change, sentence) => {
    expect(verdict({ ...GOOD, ...change }, 1, [])).toEqual([sentence]);
  });

  it('does not pass when more effects are unknown than can have been under way when executors died', () => {
    const unknown = UNKNOWN_PER_CRASH_MAX + 1;
    const many = { effects_applied: 20 - unknown, effects_unknown: unknown };
    expect(verdict({ ...GOOD, ...many }, 1, [])).toEqual([
      '17 effects are unknown after 1 crashes or hangs of an executor; at most 16 were to be',
    ]);
    expect(verdict({ ...GOOD, ...many }, 2, [])).toEqual([]);
  });

  it('may allow a longer stall, for as long as the broker is away', () => {
    const still = { ...GOOD, longest_stall_ms: STALL_MS_MAX + 6_000 };
    expect(verdict(still, 1, [], { absenceMs: 6_000 })).toEqual([]);
    expect(verdict(still, 1, [], { absenceMs: 5_999 })).toEqual(['a run stood still for 16000 ms; at most 15999']);
  });

  it('may bound how long runs take to move on', () => {
    expect(verdict(GOOD, 1, [], { resumeMsMax: 5_000 })).toEqual([]);
    expect(verdict(GOOD, 1, [], { resumeMsMax: 4_999 })).toEqual(['runs moved on after 5000 ms; at most 4999']);
  });

  it('does not pass when its own check found something', () => {
    expect(verdict(GOOD, 1, ['asked twice'])).toEqual(['asked twice']);
  });
});
