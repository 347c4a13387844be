import type { Message, RunId } from '@troupe/contract';
import type { LogEntry } from '@troupe/nats';
import { describe, expect, it } from 'vitest';
import { beginningOf, formatLine, RunProgress } from './progress.ts';

const RUN: RunId = '019a1b2c-0000-7000-8000-000000000001';
const MADE = Number.parseInt('019a1b2c0000', 16);
const BUDGET = { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 };

type Content = Pick<Message, 'type'> & { body: object; task: string; id: string; cause: string };

function entry(from: string, to: string, atMs: number, content: Content & { model?: object }): LogEntry {
  const message = {
    run: RUN,
    v: 1,
    decider: 'v1',
    at: MADE + atMs,
    tenant: 'default',
    budget: BUDGET,
    integrity: 'agent',
    ...content,
  };
  const place = { tenant: message.tenant, run: RUN, from, to };
  return { seq: atMs, storedAt: MADE + atMs, ...place, read: { ok: true, message: message as Message } };
}

const answered = (tokens: number) => ({
  question: 'q',
  answer: {
    ok: true,
    provider: 'p',
    model: 'm',
    text: '',
    toolCalls: [],
    stop: 'end',
    usage: { inputTokens: tokens, outputTokens: 0 },
    costUsd: 0,
  },
});

const search = (atMs: number) =>
  entry('researcher', 'policy-guard', atMs, {
    type: 'tool.requested',
    task: 't1',
    id: 'researcher.t1.0',
    cause: 'supervisor.t1.0',
    body: { call: 'c1', modelCall: 'm1', tool: 'search_documents', arguments: { query: 'storm \u001b[31m and\nsea' } },
  });

const found = (atMs: number) =>
  entry('tool-executor', 'researcher', atMs, {
    type: 'tool.returned',
    task: 't1',
    id: 'tool-executor.t1.0',
    cause: 'policy-guard.t1.0',
    body: { call: 'c1', tool: 'search_documents', outcome: { ok: true, content: '{}', evidence: [] } },
  });

describe('the progress of a run', () => {
  it('tells a tool call in one line when it has returned: who asked, for what, what came of it, how long it took', () => {
    const progress = new RunProgress(RUN);
    expect(progress.take(search(100))).toEqual([]);
    const [line] = progress.take(found(104));
    expect(line).toMatchObject({ role: 'researcher', task: 't1', offsetMs: 104 });
    expect(line?.text).toMatch(/^search_documents ".*" → 0 passages \(4 ms\)$/);
  });

  it('tells how long a model took since the input it answered, and its tokens', () => {
    const progress = new RunProgress(RUN);
    progress.take(found(100));
    const [line] = progress.take(
      entry('researcher', 'supervisor', 1_300, {
        type: 'task.completed',
        task: 't1',
        id: 'researcher.t1.1',
        cause: 'tool-executor.t1.0',
        body: { artifact: { kind: 'findings', claims: [], gaps: ['x'] }, spent: {} },
        model: answered(1_200),
      }),
    );
    expect(line?.text).toBe('0 claims, 1 gap (1.20 s, 1,200 tokens)');
  });

  it('shows an entry that cannot be read instead of hiding it', () => {
    const bad: LogEntry = {
      seq: 1,
      storedAt: MADE,
      tenant: 'default',
      run: RUN,
      from: 'writer',
      to: 'supervisor',
      read: { ok: false, id: 'writer.w1.0', reason: 'newer' },
    };
    expect(new RunProgress(RUN).take(bad)).toMatchObject([
      { role: 'writer', text: 'writer.w1.0 cannot be read: newer' },
    ]);
  });

  it('keeps control characters of models and documents away from the terminal', () => {
    const progress = new RunProgress(RUN);
    progress.take(search(1));
    const line = progress.take(found(2)).map(formatLine).join('\n');
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(line).toMatch(/^ {3}0\.00 s {2}researcher {4}t1 {10}search_documents/);
  });
});

describe('the beginning of a run', () => {
  it('is the time in its ID, unless that is in the future or long ago', () => {
    expect(beginningOf(RUN, MADE + 500)).toBe(MADE);
    expect(beginningOf(RUN, MADE - 500)).toBe(MADE - 500);
    expect(beginningOf('00000000-0000-7000-8000-000000000001', MADE)).toBe(MADE);
  });
});
