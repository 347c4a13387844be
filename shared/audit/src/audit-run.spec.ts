import { describe, expect, it } from 'vitest';
import { auditRun, RULES } from './audit-run.ts';
import { editBody, repeat } from './edits.fixture.ts';
import { DEADLINE, ROLES, RUN, store, wholeRun } from './log.fixture.ts';

const LATE_NOTE = { type: 'noted', body: { what: 'late' }, cause: 'due.7', model: undefined };

describe('a whole run', () => {
  it('has no fault', () => {
    expect(auditRun(RUN, store(wholeRun()), { roles: ROLES })).toEqual({
      run: RUN,
      status: 'completed',
      messages: 10,
      unanswered: 0,
      awaited: 0,
      answers: 3,
      effects: [{ run: RUN, task: 't1', call: 'c1', tool: 'append_note', outcome: 'applied' }],
      violations: [],
    });
  });

  it('may be given in any order: the sequence counts', () => {
    expect(auditRun(RUN, store(wholeRun()).toReversed(), { roles: ROLES }).violations).toEqual([]);
  });

  it('may mark after its end what came late', () => {
    expect(
      auditRun(RUN, store(repeat('supervisor.run.2', 3, LATE_NOTE, { to: 'log' })(wholeRun()) ?? []), { roles: ROLES })
        .violations,
    ).toEqual([]);
  });

  it('is audited without declarations too, all but the right to send', () => {
    expect(auditRun(RUN, store(wholeRun())).violations).toEqual([]);
  });

  it('has a rule of each name once', () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  });
});

describe('a run that is under way', () => {
  const half = () => store(wholeRun().slice(0, 5));

  it('may have open messages, steps and effects until its deadline', () => {
    expect(auditRun(RUN, half(), { roles: ROLES, now: DEADLINE })).toMatchObject({
      status: 'under way',
      unanswered: 0,
      effects: [{ outcome: 'open' }],
      violations: [],
    });
  });

  it('may have only begun: its goal says how long it may take', () => {
    const begun = store(wholeRun().slice(0, 1));
    const early = auditRun(RUN, begun, { roles: ROLES, now: DEADLINE });
    expect(early).toMatchObject({ unanswered: 1, awaited: 1, violations: [] });
    const late = auditRun(RUN, begun, { roles: ROLES, now: DEADLINE + 60_001 });
    expect(late).toMatchObject({ unanswered: 1, awaited: 0 });
    expect(late.violations.map(({ rule }) => rule)).toEqual(['marks', 'result']);
  });

  it('may not after it', () => {
    const rules = auditRun(RUN, half(), { roles: ROLES, now: DEADLINE + 60_001 }).violations.map(({ rule }) => rule);
    expect(rules).toEqual(['steps', 'result', 'ledger']);
  });
});

describe('the ledger tells', () => {
  it.each([
    [{ ok: false, kind: 'failed', message: '' }, 'failed'],
    [{ ok: false, kind: 'unknown', message: '' }, 'unknown'],
    [{ ok: false, kind: 'timeout', message: '' }, 'unknown'],
  ])('of %j that it is %s', (outcome, expected) => {
    const lines = wholeRun();
    editBody('tool-executor.t1.1', { outcome })(lines);
    expect(auditRun(RUN, store(lines)).effects).toMatchObject([{ outcome: expected }]);
  });
});
