import { z } from 'zod';
import type { ToolSpec } from '../tool-spec.ts';

const EXPRESSION_CHARS_MAX = 500;

const args = z.strictObject({
  expression: z.string().min(1).max(EXPRESSION_CHARS_MAX).describe('for example "(1840 - 1650) / 1650 * 100"'),
});
export type CalculateArguments = z.infer<typeof args>;

export const calculate: ToolSpec<CalculateArguments> = {
  name: 'calculate',
  description:
    'Evaluates an arithmetic expression in double precision and returns its value. Use it for every sum, difference, ' +
    'percentage or average instead of working it out yourself. Operators: + - * / % (remainder) ^ (power) and ' +
    'parentheses. Functions: sqrt, abs, min, max, round, floor, ceil, ln, log10, exp, sum, avg. Constants: pi, e. ' +
    'Write numbers without thousands separators or units.',
  args,
  idempotent: true,
  timeoutMs: 1_000,
};
