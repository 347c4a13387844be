import { toolRunner } from '../tool-runner.ts';
import type { RunTool } from '../tool-runner.ts';
import { evaluate } from './evaluate.ts';
import { parse } from './parse.ts';
import { calculate } from './spec.ts';

/** Digits that survive double-precision rounding: 0.1 + 0.2 is shown as 0.3. Whole numbers are shown in full. */
const SIGNIFICANT_DIGITS = 15;

/** The runner of calculate; content is `{expression, value}`. */
export function createCalculate(): RunTool {
  return toolRunner(calculate, ({ expression }) => {
    const value = shown(evaluate(parse(expression)));
    return { content: JSON.stringify({ expression, value }), evidence: [] };
  });
}

/** The value as the model sees it. */
export function shown(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
