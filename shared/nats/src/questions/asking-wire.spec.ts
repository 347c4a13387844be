import type { Question } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { decodeQuestion, encodeQuestion, offersChars } from './asking-wire.ts';

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
