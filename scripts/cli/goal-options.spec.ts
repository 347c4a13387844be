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
