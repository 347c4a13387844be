import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { cautiousModel } from './cautious.ts';
import { modelNamed } from './catalogue.ts';
import type { Model } from './model.ts';
import { costUsd } from './price.ts';
import { readCatalogue } from './read-catalogue.ts';

const catalogue = readCatalogue();
const MILLION = 1_000_000;
const priced = (price: Model['price'], priceAbove: Model['priceAbove'] = []): Model => ({
  ...cautiousModel('x', 'compatible'),
  price,
  priceAbove,
});

describe('what a call costs', () => {
  it('reckons input, output, and what came from or went into the cache at their own rates', () => {
    const model = priced({ input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 });
    const usage = {
      inputTokens: 1_000_000,
      outputTokens: 100_000,
      cacheReadTokens: 500_000,
      cacheWriteTokens: 200_000,
    };
    expect(costUsd(model, usage)).toBeCloseTo(0.3 * 2 + 0.5 * 0.1 + 0.2 * 2.5 + 0.1 * 10, 12);
  });

  it('reckons the cache as other input where it has no rates of its own', () => {
    const usage = { inputTokens: MILLION, outputTokens: 0, cacheReadTokens: 400_000, cacheWriteTokens: 600_000 };
    expect(costUsd(priced({ input: 3, output: 9 }), usage)).toBeCloseTo(3, 12);
  });

  it.each([
    ['claude-haiku-5-5', 'anthropic', 100_000, 100_000 * 0.1 + 1_000 * 0.5],
    ['claude-haiku-5-5', 'anthropic', 100_001, 100_001 * 0.5 + 1_000 * 2.5],
    ['gpt-5.5', 'openai', 272_000, 272_000 * 5 + 1_000 * 30],
    ['gpt-5.5', 'openai', 272_001, 272_001 * 10 + 1_000 * 45],
    ['claude-sonnet-5-5', 'anthropic', 900_000, 900_000 * 2 + 1_000 * 10],
  ])('of %s at %s takes the step of the whole prompt: %i tokens', (name, provider, inputTokens, millionths) => {
    expect(costUsd(modelNamed(catalogue, name, provider), { inputTokens, outputTokens: 1_000 })).toBeCloseTo(
      millionths / MILLION,
      9,
    );
  });

  it('takes the highest of several steps that the prompt is above', () => {
    const steps = [1, 2, 3].map((factor) => ({ inputTokens: factor * 10, price: { input: factor, output: 0 } }));
    const model = priced({ input: 0, output: 0 }, steps);
    expect([10, 11, 21, 31].map((inputTokens) => costUsd(model, { inputTokens, outputTokens: 0 }))).toEqual(
      [0, 11, 42, 93].map((millionths) => millionths / MILLION),
    );
  });

  it('asks the list for a model of a large provider that has no price of ours', () => {
    expect(costUsd(cautiousModel('gpt-4o', 'openai'), { inputTokens: 1_000, outputTokens: 100 })).toBeCloseTo(
      0.0035,
      9,
    );
    const usage = { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 2_000, cacheWriteTokens: 5 };
    expect(costUsd(cautiousModel('gpt-4o', 'openai'), usage)).toBeCloseTo(0.00225, 9);
  });

  it('is not known, and not nothing, for a model that nobody has a price of', () => {
    const usage = { inputTokens: 1_000, outputTokens: 100 };
    expect(costUsd(cautiousModel('gpt-nobody-knows', 'openai'), usage)).toBeNull();
    expect(costUsd(cautiousModel('gpt-4o', 'compatible'), usage)).toBeNull();
    // The list has this one, but a service of one's own may be called what it likes.
    expect(costUsd(cautiousModel('llama-3.3-70b-versatile', 'groq'), usage)).toBeNull();
    expect(costUsd(cautiousModel('toString', 'constructor'), usage)).toBeNull();
  });

  const tokens = fc.nat({ max: 2_000_000 });
  const models = fc.constantFrom(...catalogue.models.values());
  test.prop([
    models,
    fc.record({ inputTokens: tokens, outputTokens: tokens, cacheReadTokens: tokens, cacheWriteTokens: tokens }),
  ])(
    'lies between nothing and the dearest rate of all tokens, even if more came from the cache than the prompt had',
    (model, usage) => {
      const prices = [model.price, ...model.priceAbove.map(({ price }) => price)];
      const dearest = Math.max(...prices.flatMap((price) => Object.values(price ?? {}) as number[]));
      const usd = costUsd(model, usage);
      expect(usd).toBeGreaterThanOrEqual(0);
      expect(usd).toBeLessThanOrEqual(((usage.inputTokens + usage.outputTokens) * dearest) / MILLION + 1e-9);
    },
  );
});
