import { expect, it } from 'vitest';
import { newGoal } from './goal-options.ts';

it('given an ID that is none, then the sentence names it on one line', () => {
  expect(() => newGoal('x', {}, 'two words')).toThrow(
    /^The goal is not valid: id: must be 1–128 of A–Z, a–z, 0–9 and "_\.:-"\.$/,
  );
});

it('given a goal that is too long, then the sentence says how long it may be', () => {
  expect(() => newGoal('x'.repeat(8_001), {})).toThrow(
    /^The goal is not valid: goal: must have at most 8000 characters\.$/,
  );
});

it('given a budget and a model, then the goal has them', () => {
  const { options } = newGoal('x', { budgetTokens: 20_000, budgetUsd: 0.5, model: 'gpt-5.5' });
  expect(options).toEqual({ tokens_max: 20_000, usd_max: 0.5, model: 'gpt-5.5' });
});
