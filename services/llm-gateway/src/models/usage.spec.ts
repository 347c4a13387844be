import { Usage } from '@troupe/contract';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { CALL_TOKENS_MAX, clampUsage } from './usage.ts';

const odd = fc.oneof(
  fc.nat({ max: 3_000 }),
  fc.double(),
  fc.constantFrom(
    -1,
    Number.NaN,
    Infinity,
    -Infinity,
    1e300,
    0.5,
    undefined,
    null,
    '12',
    {},
    CALL_TOKENS_MAX,
    CALL_TOKENS_MAX + 1,
  ),
);
const raw = fc.record(
  { inputTokens: odd, outputTokens: odd, cacheReadTokens: odd, cacheWriteTokens: odd, thinkingTokens: odd },
  { requiredKeys: [] },
);
const count = fc.nat({ max: CALL_TOKENS_MAX });
const foreseen = fc.option(
  fc.record({ inputTokens: count, inputTokensMax: count, outputTokens: count, writtenTokens: count }),
  { nil: undefined },
);

const FORESEEN = { inputTokens: 300, inputTokensMax: 900, outputTokens: 50, writtenTokens: 12 };

describe('usage as a service tells it', () => {
  it('is left alone when it can be', () => {
    const usage = { inputTokens: 100, outputTokens: 20, cacheReadTokens: 60, cacheWriteTokens: 40, thinkingTokens: 20 };
    expect(clampUsage(usage)).toEqual({ usage, isClamped: false });
    expect(clampUsage({ inputTokens: 0, outputTokens: CALL_TOKENS_MAX })).toEqual({
      usage: { inputTokens: 0, outputTokens: CALL_TOKENS_MAX },
      isClamped: false,
    });
  });

  it.each([
    [-5, 0],
    [Number.NaN, 0],
    [undefined, 0],
    ['12', 0],
    [1.2, 2],
    [Infinity, CALL_TOKENS_MAX],
    [CALL_TOKENS_MAX + 1, CALL_TOKENS_MAX],
  ])('is brought to the nearest that can be, and told to be so: %s', (told, inputTokens) => {
    expect(clampUsage({ inputTokens: told, outputTokens: 1 })).toEqual({
      usage: { inputTokens, outputTokens: 1 },
      isClamped: true,
    });
  });

  it('is replaced by an estimate where there is one, but only the count that cannot be', () => {
    for (const told of [-5, Number.NaN, undefined, Infinity])
      expect(clampUsage({ inputTokens: told, outputTokens: 7 }, FORESEEN).usage).toEqual({
        inputTokens: 300,
        outputTokens: 7,
      });
  });

  it.each([
    [
      { inputTokens: 900, outputTokens: 50 },
      { inputTokens: 900, outputTokens: 50 },
    ],
    [
      { inputTokens: 901, outputTokens: 50 },
      { inputTokens: 300, outputTokens: 50 },
    ],
    [
      { inputTokens: 900, outputTokens: 51 },
      { inputTokens: 900, outputTokens: 50 },
    ],
    [
      { inputTokens: 0, outputTokens: 0 },
      { inputTokens: 300, outputTokens: 12 },
    ],
  ])('is no more than the call could use, and not none: %j is %j', (told, usage) => {
    const isClamped = JSON.stringify(told) !== JSON.stringify(usage);
    expect(clampUsage(told, FORESEEN)).toEqual({ usage, isClamped });
  });

  it('may be none of an answer of which nothing came', () => {
    const told = { inputTokens: 10, outputTokens: 0 };
    expect(clampUsage(told, { ...FORESEEN, writtenTokens: 0 })).toEqual({ usage: told, isClamped: false });
  });

  it('has no part that is more than the whole, all parts together included', () => {
    expect(
      clampUsage({ inputTokens: 10, outputTokens: 5, cacheReadTokens: 8, cacheWriteTokens: 8, thinkingTokens: 6 }),
    ).toEqual({
      usage: { inputTokens: 10, outputTokens: 5, cacheReadTokens: 8, cacheWriteTokens: 2, thinkingTokens: 5 },
      isClamped: true,
    });
  });

  test.prop([raw, foreseen])('fits the contract and its bounds whatever was told', (told, expected) => {
    const { usage, isClamped } = clampUsage(told, expected);
    expect(Usage.parse(usage)).toEqual(usage);
    expect(Math.max(usage.inputTokens, usage.outputTokens)).toBeLessThanOrEqual(CALL_TOKENS_MAX);
    expect((usage.cacheReadTokens ?? 0) + (usage.cacheWriteTokens ?? 0)).toBeLessThanOrEqual(usage.inputTokens);
    expect(usage.thinkingTokens ?? 0).toBeLessThanOrEqual(usage.outputTokens);
    expect(clampUsage(usage)).toEqual({ usage, isClamped: false });
    if (!isClamped) for (const [name, value] of Object.entries(usage)) expect(told).toHaveProperty(name, value);
  });
});
