import { describe, expect, it } from 'vitest';
import type { Effort } from '../models/model.ts';
import { modelOf } from './calling.fixture.ts';
import { effortFor, thinkingAllowance } from './effort.ts';

const taking = (...efforts: Effort[]) => modelOf('a', { efforts });

describe('given a tier', () => {
  it.each([
    ['low', taking('low', 'medium', 'high'), 'low'],
    ['medium', taking('low', 'medium', 'high'), 'medium'],
    ['high', taking('low', 'medium', 'high', 'max'), 'high'],
    ['medium', taking('low', 'high'), 'low'],
    ['high', taking('none', 'low'), 'low'],
    ['low', taking('medium', 'high'), 'medium'],
    ['low', taking('none', 'high'), 'none'],
    ['high', taking(), undefined],
  ] as const)(
    'when it is %s, then the effort is the nearest that the model takes, the smaller of two',
    (tier, model, effort) => {
      expect(effortFor(tier, model)).toBe(effort);
    },
  );
});

describe('given a model that thinks', () => {
  const model = modelOf('a', { thinking: 'always', thinkingTokens: 1_000 });

  it.each([
    ['none', 0],
    ['low', 250],
    ['medium', 500],
    ['high', 1_000],
    ['max', 1_000],
    [undefined, 1_000],
  ] as const)('when its effort is %s, then thinking may take %d tokens beside the answer', (effort, tokens) => {
    expect(thinkingAllowance(model, effort)).toBe(tokens);
  });

  it('when it is one that never thinks, then none', () => {
    expect(thinkingAllowance({ ...model, thinking: 'never' }, 'high')).toBe(0);
  });
});
