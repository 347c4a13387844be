import { describe, expect, it } from 'vitest';
import {
  ARGUMENT_NESTING_MAX,
  ARGUMENT_NODES_MAX,
  CALL_CHARS_MAX,
  CALLS_PER_ANSWER_MAX,
  JSON_DEPTH_MAX,
  JSON_NODES_MAX,
  QUESTION_NODES_MAX,
  QUESTION_TIMEOUT_MS_MAX,
  REPORT_CHARS_MAX,
  SYSTEM_CHARS_MAX,
  TOOL_CHARS_MAX,
  TOOL_CONTENT_CHARS_MAX,
  TOOLS_PER_QUESTION_MAX,
  TURNS_MAX,
} from './limits.ts';
import { Answer, Question, ToolCall } from './model.ts';
import { SUBMIT_DRAFT, SUBMIT_FINDINGS, SUBMIT_PLAN, SUBMIT_REVIEW } from './submissions.ts';

const call = (args: Record<string, unknown> = {}) => ({ id: 'c', name: 'search', arguments: args });
const user = { role: 'user', text: 'Why?' };
const assistant = (toolCalls: unknown[], text = '') => ({ role: 'assistant', text, toolCalls });
const offer = { name: 'search', description: '', parameters: { type: 'object' } };
const question = (different: object = {}) => ({
  id: 'q',
  tenant: 'default',
  run: '0190a8d4-0000-7000-8000-000000000001',
  role: 'tester',
  tier: 'low',
  purpose: 'search',
  system: '',
  turns: [user],
  tools: [],
  mustCall: true,
  outputTokensMax: 100,
  tokensMax: 1_000,
  timeoutMs: 1_000,
  ...different,
});
const isQuestion = (different: object) => Question.safeParse(question(different)).success;
const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);
const chars = (count: number) => 'x'.repeat(count);
const nested = (depth: number): Record<string, unknown> => (depth === 0 ? {} : { in: nested(depth - 1) });
/** `count` values: the object, its list, and the elements. */
const values = (count: number) => ({ list: times(count - 2, 0) });

describe('a question', () => {
  it('as long as the longest conversation is one', () => {
    const result = { role: 'tool', callId: 'c', name: 'search', text: chars(1_000), failed: false };
    const step = [
      assistant(times(CALLS_PER_ANSWER_MAX, call({ query: 'log' }))),
      ...times(CALLS_PER_ANSWER_MAX, result),
    ];
    const tools = [SUBMIT_PLAN, SUBMIT_FINDINGS, SUBMIT_DRAFT, SUBMIT_REVIEW];
    expect(isQuestion({ turns: [user, ...times(32, step).flat()], tools })).toBe(true);
  });

  it.each<[string, (count: number) => object, number]>([
    ['turns', (count) => ({ turns: times(count, user) }), TURNS_MAX],
    ['calls in a turn', (count) => ({ turns: [assistant(times(count, call()))] }), CALLS_PER_ANSWER_MAX],
    ['tools', (count) => ({ tools: times(count, offer) }), TOOLS_PER_QUESTION_MAX],
    ['characters of system prompt', (count) => ({ system: chars(count) }), SYSTEM_CHARS_MAX],
    ['characters of an answer', (count) => ({ turns: [assistant([], chars(count))] }), REPORT_CHARS_MAX],
    [
      'characters of a result',
      (count) => ({ turns: [{ role: 'tool', callId: 'c', name: 'n', text: chars(count), failed: false }] }),
      TOOL_CONTENT_CHARS_MAX,
    ],
    ['ms of time', (count) => ({ timeoutMs: count }), QUESTION_TIMEOUT_MS_MAX],
    ['values in a tool', (count) => ({ tools: [{ ...offer, parameters: values(count) }] }), JSON_NODES_MAX],
    ['levels in a tool', (count) => ({ tools: [{ ...offer, parameters: nested(count) }] }), JSON_DEPTH_MAX],
    [
      'characters in a tool',
      (count) => ({ tools: [{ ...offer, parameters: { a: chars(count - 1) } }] }),
      TOOL_CHARS_MAX,
    ],
  ])('may have so many %s, and no more', (_what, of, countMax) => {
    expect(isQuestion(of(countMax))).toBe(true);
    expect(isQuestion(of(countMax + 1))).toBe(false);
  });

  it('is none when its calls together hold too many values, however the values are shared', () => {
    const big = call(values(ARGUMENT_NODES_MAX - 1));
    expect(isQuestion({ turns: [assistant([big])] })).toBe(true);
    expect(isQuestion({ turns: times(Math.ceil(QUESTION_NODES_MAX / ARGUMENT_NODES_MAX), assistant([big])) })).toBe(
      false,
    );
  });

  it('that is 144 KB of nothing is refused with one complaint, not with one for each byte', () => {
    for (const turns of [times(144_000, null), [assistant(times(144_000, {}))], times(144_000, {})]) {
      const parsed = Question.safeParse(question({ turns }));
      expect(parsed.error?.issues.length).toBeLessThan(5);
    }
  });
});

describe('the arguments of a call', () => {
  const isCall = (args: unknown) => ToolCall.safeParse({ id: 'c', name: 'n', arguments: args }).success;

  it('may be as large as a draft', () => {
    expect(isCall({ markdown: chars(REPORT_CHARS_MAX) })).toBe(true);
    expect(isCall({ a: chars(CALL_CHARS_MAX - 1) })).toBe(true);
    expect(isCall({ a: chars(CALL_CHARS_MAX) })).toBe(false);
  });

  it('may nest so deep, and no deeper', () => {
    expect(isCall(nested(ARGUMENT_NESTING_MAX - 1))).toBe(true);
    expect(isCall(nested(ARGUMENT_NESTING_MAX))).toBe(false);
  });

  it('that hold themselves, or hold the same part a million times over, are none', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const list: unknown[] = [];
    list.push(list, list);
    let doubled: unknown = 'x';
    for (let level = 0; level < 30; level += 1) doubled = [doubled, doubled];
    for (const args of [cycle, { list }, { doubled }]) expect(isCall(args)).toBe(false);
  });

  it.each([[1n], [undefined], [Number.NaN], [new Date(0)], [new Map()], [new Uint8Array(3)], [() => 1]])(
    'that hold %s are no JSON',
    (value) => {
      expect(isCall({ value })).toBe(false);
      expect(isCall(value)).toBe(false);
    },
  );
});

describe('an answer', () => {
  it('with too many calls is refused before any of them is read', () => {
    const answer = {
      ok: true,
      provider: 'p',
      model: 'm',
      text: '',
      toolCalls: times(144_000, {}),
      stop: 'tools',
      usage: { inputTokens: 1, outputTokens: 1 },
      costUsd: null,
    };
    expect(Answer.safeParse(answer).error?.issues).toHaveLength(1);
  });
});
