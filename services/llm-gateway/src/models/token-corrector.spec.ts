import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { MODELS_REMEMBERED_MAX, RATIO_MAX, RATIO_MIN, TokenCorrector } from './token-corrector.ts';

const one = { provider: 'anthropic', name: 'claude-x' };
const odd = fc.oneof(fc.double(), fc.nat({ max: 5_000 }), fc.constantFrom(-1, 0, Number.NaN, Infinity));

describe('what is learnt of a tokenizer', () => {
  it('leaves estimates as they are while nothing is known', () => {
    expect(new TokenCorrector().corrected(one, 100)).toBe(100);
  });

  it('takes the first answer at its word and later ones by their weight', () => {
    const corrector = new TokenCorrector();
    corrector.learn(one, 1_000, 1_500);
    expect(corrector.corrected(one, 100)).toBe(150);
    corrector.learn(one, 1_000, 1_000);
    expect(corrector.ratio(one)).toBeCloseTo(1.4, 12);
  });

  it('comes close to what answers keep saying', () => {
    const corrector = new TokenCorrector();
    corrector.learn(one, 1_000, 600);
    for (let answers = 0; answers < 30; answers += 1) corrector.learn(one, 1_000, 1_400);
    expect(corrector.ratio(one)).toBeCloseTo(1.4, 2);
  });

  it('says little of one tenant to all others, however rare the script that it asks in', () => {
    const corrector = new TokenCorrector();
    for (let answers = 0; answers < 30; answers += 1) corrector.learn(one, 1_000, 7_500);
    expect(corrector.corrected(one, 1_000)).toBe(1_500);
    for (let answers = 0; answers < 30; answers += 1) corrector.learn(one, 1_000, 1);
    expect(corrector.corrected(one, 1_000)).toBeGreaterThanOrEqual(800);
  });

  it('is apart for each model and provider', () => {
    const corrector = new TokenCorrector();
    corrector.learn(one, 1_000, 2_000);
    expect(corrector.ratio({ ...one, name: 'claude-y' })).toBe(1);
    expect(corrector.ratio({ ...one, provider: 'compatible' })).toBe(1);
  });

  it('comes from no figure that cannot be, and from no prompt that is mostly frame', () => {
    const corrector = new TokenCorrector();
    for (const actual of [0, -5, Number.NaN]) corrector.learn(one, 1_000, actual);
    for (const estimated of [0, 49, Number.NaN]) corrector.learn(one, estimated, 100);
    expect(corrector.ratio(one)).toBe(1);
    corrector.learn(one, 50, 60);
    expect(corrector.ratio(one)).toBe(1.2);
  });

  it('is kept for the models that answered last, so many and no more', () => {
    const corrector = new TokenCorrector();
    const named = (index: number) => ({ provider: 'compatible', name: `m${index}` });
    for (let index = 0; index < MODELS_REMEMBERED_MAX; index += 1) corrector.learn(named(index), 100, 120);
    corrector.learn(named(0), 100, 120);
    corrector.learn(named(MODELS_REMEMBERED_MAX), 100, 120);
    expect([0, 1, 2, MODELS_REMEMBERED_MAX].map((index) => corrector.ratio(named(index)))).toEqual([1.2, 1, 1.2, 1.2]);
  });

  test.prop([fc.array(fc.tuple(odd, odd), { maxLength: 40 }), fc.nat({ max: 1_000_000 })])(
    'stays within its bounds whatever answers say',
    (answers, tokens) => {
      const corrector = new TokenCorrector();
      for (const [estimated, actual] of answers) corrector.learn(one, estimated, actual);
      expect(corrector.ratio(one)).toBeGreaterThanOrEqual(RATIO_MIN);
      expect(corrector.ratio(one)).toBeLessThanOrEqual(RATIO_MAX);
      expect(corrector.corrected(one, tokens)).toBeLessThanOrEqual(Math.ceil(tokens * RATIO_MAX));
    },
  );
});
