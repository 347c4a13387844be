import type { Question } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { ANSWER } from './asking.fixture.ts';
import {
  decodeQuestion,
  decodeReply,
  decodeTaken,
  digestOf,
  encodeQuestion,
  encodeReply,
  encodeTaken,
  offersChars,
  TAKEN_MAX,
} from './asking-wire.ts';

/** A question that offers one tool of about so many characters, like no other. */
function question(index: number, chars: number): Question {
  const description = `${index} ${'x'.repeat(chars)}`;
  return {
    id: `run/tester.t1/${index}`,
    tenant: 'default',
    run: '0190a8d4-0000-7000-8000-000000000001',
    role: 'tester',
    tier: 'low',
    purpose: 'search',
    system: 's',
    turns: [{ role: 'user', text: 't' }],
    tools: [{ name: 'tool', description, parameters: { type: 'object' } }],
    mustCall: true,
    outputTokensMax: 100,
    tokensMax: 10_000,
    timeoutMs: 1_000,
  };
}

describe('the tools that are offered', () => {
  it('are remembered up to a bound in characters, whoever offers them', () => {
    for (let index = 0; index < 1_500; index += 1)
      expect(decodeQuestion(encodeQuestion(question(index, 3_900)))?.tools).toHaveLength(1);
    expect(offersChars()).toBeGreaterThan(1_000_000);
    expect(offersChars()).toBeLessThanOrEqual(4 * 1024 * 1024);
  });
});

describe('an answer on its way back', () => {
  const usage = { inputTokens: 1_000, outputTokens: 40_000 };
  const calls = (count: number, text: string) =>
    Array.from({ length: count }, (_, index) => ({ id: `c${index}`, name: 'submit', arguments: { text } }));

  it('when only what its provider wants back makes it too long, then it goes without that', () => {
    const parts = [{ kind: 'opaque' as const, block: { thinking: '思'.repeat(45_000) } }];
    const answer = { ...ANSWER, usage, echo: { provider: 'p', model: 'm', parts } };
    expect(decodeReply(encodeReply(answer))).toEqual({ ...ANSWER, usage });
  });

  it('when it is too long even so, then it says so, and what was paid for it', () => {
    const answer = { ...ANSWER, usage, costUsd: 0.4, toolCalls: calls(3, 'x'.repeat(60_000)) };
    expect(decodeReply(encodeReply(answer))).toMatchObject({ ok: false, kind: 'malformed', usage, costUsd: 0.4 });
  });
});

describe('the word of what a gateway has taken', () => {
  it('names as many questions as it may, and no more', () => {
    const taken = (count: number) => ({
      gateway: 'g'.repeat(64),
      questions: Array.from({ length: count }, (_, index) => digestOf(new Uint8Array([index % 256, index >> 8]))),
    });
    expect(decodeTaken(encodeTaken(taken(TAKEN_MAX)))?.questions).toHaveLength(TAKEN_MAX);
    expect(() => encodeTaken(taken(2 * TAKEN_MAX))).toThrow(RangeError);
  });
});
