import { encode } from '@troupe/contract';
import type { Message } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { auditRun } from './audit-run.ts';
import { at, type Change, edit, editBody, repeat, without } from './edits.fixture.ts';
import { answered, ROLES, RUN, store, wholeRun } from './log.fixture.ts';
import { versions } from './rules/versions.ts';
import type { Stored } from './stored.ts';

/** What one rule says of the whole run after a change. */
function found(rule: string, change: Change, change2: (stored: Stored[]) => Stored[] = (stored) => stored): string[] {
  const lines = wholeRun();
  const stored = change2(store(change(lines) ?? lines));
  return auditRun(RUN, stored, { roles: ROLES }).violations.flatMap((v) => (v.rule === rule ? [v.sentence] : []));
}

describe('each rule finds the fault that is planted', () => {
  const spent = (change: object) => ({ spent: { tokens: 30, costUsd: 0, modelCalls: 2, toolCalls: 1, ...change } });
  const cases: [rule: string, what: string, change: Change, sentence: RegExp][] = [
    [
      'identity',
      'an ID of another place',
      edit('researcher.t1.1', { id: 'researcher.t1.7' }),
      /researcher\.supervisor\.1 holds researcher\.t1\.7/,
    ],
    ['identity', 'another run', edit('researcher.t1.1', { run: RUN.replace('1', '2') }), /in run 02990000/],
    [
      'ordinals',
      'a gap',
      (lines) => void (at(lines, 'supervisor.run.2').ordinal = 3),
      /message 2 of supervisor has the ordinal 3/,
    ],
    [
      'ordinals',
      'a repetition',
      (lines) => [...lines, at(lines, 'researcher.t1.1')],
      /message 2 of researcher\/t1 has the ordinal 1/,
    ],
    ['ordinals', 'the wrong order', (lines) => lines.toReversed(), /message 0 of supervisor has the ordinal 2/],
    [
      'steps',
      'a missing part',
      without('tool-executor.t1.1'),
      /tool-executor\/t1 on policy-guard\.t1\.0: it has only the parts 0 of 2/,
    ],
    [
      'steps',
      'parts out of order',
      (lines) => (
        edit('tool-executor.t1.0', { part: [1, 2] })(lines),
        edit('tool-executor.t1.1', { part: [0, 2] })(lines)
      ),
      /parts 1 of 2, 0 of 2/,
    ],
    ['steps', 'parts that count differently', edit('tool-executor.t1.1', { part: [1, 3] }), /parts 0 of 2, 1 of 3/],
    ['steps', 'a step that is there twice', repeat('researcher.t1.1', 2), /parts 0 of 1, 0 of 1/],
    ['steps', 'two times in a step', edit('tool-executor.t1.1', { at: 6 }), /different times/],
    [
      'marks',
      'a message that was not answered',
      without('researcher.t1.1'),
      /researcher has not answered tool-executor\.t1\.1 \(tool\.returned\)/,
    ],
    [
      'marks',
      'a goal that was not answered',
      edit('supervisor.t1.0', { cause: 'due.1' }),
      /supervisor has not answered intake\.run\.0 \(run\.started\)/,
    ],
    [
      'marks',
      'an answer of two actors',
      (lines) =>
        repeat('researcher.t1.1', 0, { task: 't2' })(lines)?.map((line) =>
          line.message.task === 't2'
            ? { ...line, message: { ...line.message, id: 'researcher.t2.0' } as Message }
            : line,
        ),
      /tool-executor\.t1\.1 was answered by researcher\/t1 and researcher\/t2/,
    ],
    [
      'causes',
      'a cause that is not there',
      edit('researcher.t1.1', { cause: 'tool-executor.t1.9' }),
      /answers tool-executor\.t1\.9, which is not in the log/,
    ],
    [
      'causes',
      'a cause that went to somebody else',
      edit('researcher.t1.1', { cause: 'policy-guard.t1.0' }),
      /which went to tool-executor/,
    ],
    [
      'causes',
      'a cause that came later',
      edit('supervisor.t1.0', { cause: 'policy-guard.run.1' }),
      /which came later \(9, answered at 2\)/,
    ],
    ['causes', 'a signal of no kind', edit('supervisor.t1.0', { cause: 'wish.1' }), /neither a message nor a signal/],
    [
      'causes',
      'a cause of another task',
      (lines) =>
        void (at(lines, 'researcher.t1.1').message = {
          ...at(lines, 'researcher.t1.1').message,
          task: 't2',
          id: 'researcher.t2.1',
        } as Message),
      /which belongs to the task t1/,
    ],
    [
      'senders',
      'a type that is not declared',
      edit('supervisor.run.1', { type: 'output.refused', body: { reason: '' } }),
      /supervisor does not declare/,
    ],
    [
      'senders',
      'a recipient that is not declared',
      (lines) => void (at(lines, 'policy-guard.t1.0').to = 'researcher'),
      /policy-guard does not declare that it sends this to researcher/,
    ],
    [
      'senders',
      'a goal for who does not take goals',
      (lines) => void (at(lines, 'intake.run.0').to = 'researcher'),
      /researcher does not declare that it takes this from intake/,
    ],
    [
      'senders',
      'a recipient that is not there',
      (lines) => void (at(lines, 'supervisor.t1.0').to = 'translator'),
      /to translator/,
    ],
    ['result', 'no result', without('supervisor.run.2'), /there is no result/],
    [
      'result',
      'two results',
      repeat('supervisor.run.2', 3, { cause: 'due.1' }),
      /2 results: supervisor\.run\.2, supervisor\.run\.3/,
    ],
    [
      'result',
      'a task after the result',
      repeat('supervisor.t1.0', 3, { cause: 'due.1', model: undefined }),
      /sent supervisor\.t1\.3 \(task\.assigned\) after the result/,
    ],
    [
      'result',
      'a result that somebody else made',
      (lines) => void (at(lines, 'supervisor.run.2').from = 'researcher'),
      /is from researcher/,
    ],
    [
      'result',
      'something else for the user',
      (lines) => void (at(lines, 'policy-guard.run.1').to = 'user'),
      /\(output\.approved\) went to user/,
    ],
    [
      'ledger',
      'a start without an outcome',
      without('tool-executor.t1.1'),
      /c1 of task t1 \(append_note\) was started and has no outcome/,
    ],
    ['ledger', 'two outcomes', repeat('tool-executor.t1.1', 2), /has 2 outcomes/],
    ['ledger', 'two starts', repeat('tool-executor.t1.0', 2), /was started 2 times/],
    ['ledger', 'an outcome of another call', editBody('tool-executor.t1.1', { call: 'c9' }), /has the outcome of c9/],
    [
      'grants',
      'a grant without a request',
      edit('policy-guard.t1.0', { cause: 'supervisor.run.1' }),
      /grants what supervisor\.run\.1 does not ask for/,
    ],
    [
      'grants',
      'a grant for other arguments',
      editBody('policy-guard.t1.0', { arguments: { text: 'another' } }),
      /does not ask for/,
    ],
    [
      'grants',
      'a result without a grant',
      edit('tool-executor.t1.1', { cause: 'researcher.t1.0' }),
      /append_note has no grant for c1/,
    ],
    [
      'grants',
      'a result for somebody else',
      (lines) => void (at(lines, 'tool-executor.t1.1').to = 'writer'),
      /for researcher went to writer/,
    ],
    ['grants', 'a call that ran twice', repeat('tool-executor.t1.1', 2), /c1 of researcher\/t1 was run 2 times/],
    ['grants', 'a call that was granted twice', repeat('policy-guard.t1.0', 2), /was granted 2 times/],
    [
      'questions',
      'a question with two answers',
      edit('researcher.t1.1', { model: answered('q1', 16) }),
      /the question q1 has 2 answers/,
    ],
    [
      'questions',
      'two answers in a step',
      (lines) => (
        edit('tool-executor.t1.0', { model: answered('a') })(lines),
        edit('tool-executor.t1.1', { model: answered('b') })(lines)
      ),
      /it holds 2 answers/,
    ],
    [
      'questions',
      'an answer behind the first part',
      edit('tool-executor.t1.1', { model: answered('b') }),
      /not with its first part/,
    ],
    [
      'budgets',
      'more calls than granted',
      (lines) => repeat('researcher.t1.0', 2, { cause: 'x', model: undefined })(lines),
      /researcher made 2 tool calls of 1 in t1/,
    ],
    [
      'budgets',
      'a question without tokens left',
      edit('researcher.t1.0', { model: answered('q1', 1_000) }),
      /asked on after 1000 of 1000 tokens/,
    ],
    [
      'budgets',
      'tokens that were not spent',
      editBody('researcher.t1.1', spent({ tokens: 1 })),
      /reports 1 tokens; its answers took 30/,
    ],
    [
      'budgets',
      'calls that were not made',
      editBody('researcher.t1.1', spent({ toolCalls: 0 })),
      /reports 0 tool calls; it made 1/,
    ],
    [
      'budgets',
      'a run that cost more than its answers',
      editBody('supervisor.run.2', spent({ tokens: 46 })),
      /reports 46 tokens; all answers took 45/,
    ],
  ];

  it.each(cases)('%s: %s', (rule, _what, change, sentence) => {
    expect(found(rule, change).join('\n')).toMatch(sentence);
  });

  it('readable: bytes of no message, a message that does not fit, a subject of no run', () => {
    const [first, second] = [new TextEncoder().encode('{"type":'), encode({ type: 'noted' })];
    const planted = (stored: Stored[]) => [
      ...stored,
      ...stored.slice(0, 1).flatMap((sample) => [
        { ...sample, seq: 11, bytes: first },
        { ...sample, seq: 12, bytes: second },
        { ...sample, seq: 13, subject: 'troupe.runs.x' },
      ]),
    ];
    expect(found('readable', (lines) => lines, planted)).toEqual([
      expect.stringMatching(/JSON/),
      expect.stringMatching(/does not fit its schema/),
      expect.stringMatching(/not of a run message/),
    ]);
  });

  it('versions: a step of two versions, where it is asked for', () => {
    const half = wholeRun();
    expect(auditRun(RUN, store(half), { rules: [versions] }).violations).toEqual([]);
    edit('tool-executor.t1.1', { decider: 'two' })(half);
    expect(auditRun(RUN, store(half), { rules: [versions] }).violations).toMatchObject([
      { rule: 'versions', sentence: expect.stringMatching(/made by the versions one and two/) },
    ]);
  });
});
