import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ToolError } from '../tool-error.ts';
import { evaluate } from './evaluate.ts';
import { DEPTH_MAX, parse } from './parse.ts';
import { createCalculate, shown } from './run.ts';

const context = { callId: 'c1', run: '0197a3f0-0000-7000-8000-000000000001', signal: new AbortController().signal };
const calculate = createCalculate();
const valueOf = async (expression: string): Promise<unknown> =>
  JSON.parse((await calculate({ expression }, context)).content).value;

describe('calculate', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['100 / 10 / 5', 2],
    ['7 % 4 * 2', 6],
    ['-7 % 4', -3],
    ['2 ^ 3 ^ 2', 512],
    ['-2 ^ 2', -4],
    ['(-2) ** 2', 4],
    ['2 ^ -1', 0.5],
    ['--3', 3],
    ['+3 - -2', 5],
    ['.5 + 1. + 2e3 + 1E-1', 2001.6],
    ['0.1 + 0.2', 0.3],
    ['2 ^ 53 - 1', 9_007_199_254_740_991],
    ['6 × 7 ÷ 2 − 1', 20],
    ['sqrt(2) ^ 2', 2],
    ['abs(-3) + min(4, 2, 8) + max(1, 5)', 10],
    ['round(2.5) + round(-2.5) + round(1.4)', 1],
    ['floor(-1.5) + ceil(-1.5)', -3],
    ['ln(e) + log10(1000) + exp(0)', 5],
    ['SUM(1, 2, 3) + avg(2, 4)', 9],
    ['(1840 - 1650) / 1650 * 100', 11.5151515151515],
  ])('given %j, then %j', async (expression, expected) => {
    expect(await valueOf(expression)).toBe(expected);
  });

  test('given an expression, then the content repeats it and there is no evidence', async () => {
    expect(await calculate({ expression: ' 1+1 ' }, context)).toEqual({
      content: '{"expression":" 1+1 ","value":2}',
      evidence: [],
    });
  });

  test.each([
    ['1 / 0', 'Division by zero'],
    ['1 % 0', 'Division by zero'],
    ['0 ^ -1', 'Division by zero'],
    ['9e307 * 10', 'out of range'],
    ['exp(1000)', 'out of range'],
    ['ln(0)', 'out of range'],
    ['1e999', 'too large'],
    ['sqrt(-1)', 'no real value'],
    ['(-8) ^ (1 / 3)', 'no real value'],
    ['1,000 + 1', 'thousands separators'],
    ['max(1,000)', 'thousands separators'],
    ['sqrt(1, 2)', 'takes 1 argument, not 2'],
    ['sin(1)', 'Unknown name "sin" at position 1. Known: sqrt,'],
    ['constructor(1)', 'Unknown name'],
    ['2 pi', 'Unexpected "pi" at position 3'],
    ['max()', 'Unexpected ")"'],
    ['max', 'ends before a "("'],
    ['(1', 'ends before a ")"'],
    ['1)', 'Unexpected ")" at position 2'],
    ['1 +', 'ends too early'],
    ['   ', 'ends too early'],
    ['1 $ 2', 'Unexpected "$" at position 3'],
    ['😀', 'Unexpected "😀" at position 1'],
  ])('given %j, then the model is told %j', async (expression, message) => {
    await expect(valueOf(expression)).rejects.toThrow(ToolError);
    await expect(valueOf(expression)).rejects.toThrow(message);
  });

  test('given the deepest nesting allowed, then it is evaluated; given one more, then it is refused', async () => {
    const nested = (depth: number): string => `${'('.repeat(depth)}1${')'.repeat(depth)}`;
    expect(await valueOf(nested(DEPTH_MAX - 1))).toBe(1);
    await expect(valueOf(nested(DEPTH_MAX))).rejects.toThrow('nested more than 64 levels');
    await expect(valueOf('-'.repeat(499) + '1')).rejects.toThrow(ToolError);
    await expect(valueOf('2^'.repeat(249) + '1')).rejects.toThrow(ToolError);
    expect(await valueOf(`${'1+'.repeat(249)}1`)).toBe(250);
  });

  test('given no, too long or other arguments, then they are refused', async () => {
    for (const args of [
      {},
      { expression: '' },
      { expression: '1'.repeat(501) },
      { expression: 1 },
      { expression: '1', more: 1 },
      null,
    ]) {
      await expect(calculate(args, context)).rejects.toThrow(ToolError);
    }
  });
});

/** A tree that knows how it is written and, independently of the tool, what it is worth. */
interface Tree {
  text: string;
  value: number;
}

const { tree } = fc.letrec<{ tree: Tree; leaf: Tree; node: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 5, withCrossShrink: true }, tie('leaf'), tie('node')),
  leaf: fc.oneof(
    fc.nat(1_000_000).map((value) => ({ text: String(value), value })),
    fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => ({ text: String(value), value })),
    fc.constantFrom({ text: 'pi', value: Math.PI }, { text: 'e', value: Math.E }),
  ),
  node: fc.oneof(
    fc
      .tuple(tie('tree'), tie('tree'), fc.constantFrom('+', '-', '*', '/', '%', '^'), fc.constantFrom('', ' ', '\t'))
      .map(binary),
    tie('tree').map((of) => ({ text: `-(${of.text})`, value: -of.value })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 4 }).map((of) => ({
      text: `max(${of.map(({ text }) => text).join(',')})`,
      value: of.every(({ value }) => Number.isFinite(value)) ? Math.max(...of.map(({ value }) => value)) : Number.NaN,
    })),
    tie('tree').map((of) => ({ text: `sqrt( ${of.text} )`, value: Math.sqrt(of.value) })),
    tie('tree').map((of) => ({ text: `floor(${of.text})`, value: Math.floor(of.value) })),
  ),
}));

/** JavaScript's own arithmetic; whatever is not finite on the way must be refused by the tool, so it stays not finite. */
function binary([left, right, operator, space]: [Tree, Tree, string, string]): Tree {
  const text = `(${left.text})${space}${operator}${space}(${right.text})`;
  if (!Number.isFinite(left.value) || !Number.isFinite(right.value)) return { text, value: Number.NaN };
  switch (operator) {
    case '+':
      return { text, value: left.value + right.value };
    case '-':
      return { text, value: left.value - right.value };
    case '*':
      return { text, value: left.value * right.value };
    case '/':
      return { text, value: left.value / right.value };
    case '%':
      return { text, value: left.value % right.value };
    default:
      return { text, value: left.value ** right.value };
  }
}

/** Keeps the sum so far and the product at its end, which is what precedence means without parentheses. */
function leftToRight(first: number, rest: readonly [string, number][]): number {
  let sum: number | undefined;
  let product = first;
  for (const [operator, value] of rest) {
    if (operator === '*') product *= value;
    else if (operator === '/') product /= value;
    else {
      sum = sum === undefined ? product : sum + product;
      product = operator === '-' ? -value : value;
    }
  }
  return sum === undefined ? product : sum + product;
}

describe('any expression', () => {
  property.prop([tree], { numRuns: 500 })(
    'given a generated expression, then the value is that of the reference, or both refuse',
    ({ text, value }) => {
      if (Number.isFinite(value)) expect(evaluate(parse(text))).toBe(value);
      else expect(() => evaluate(parse(text))).toThrow(ToolError);
    },
  );

  const flat = fc.array(fc.tuple(fc.constantFrom('+', '-', '*', '/'), fc.integer({ min: 1, max: 99 })), {
    maxLength: 12,
  });
  property.prop([fc.integer({ min: 1, max: 99 }), flat])(
    'given operators without parentheses, then * and / bind first and all go from left to right',
    (first, rest) => {
      const text = [String(first), ...rest.map(([operator, value]) => `${operator} ${value}`)].join(' ');
      expect(evaluate(parse(text))).toBe(leftToRight(first, rest));
    },
  );

  const symbols = fc.array(
    fc.constantFrom('1', '2.5', '(', ')', '+', '-', '*', '/', '^', '%', ',', 'max', 'pi', 'sqrt', ' ', 'x', '1e9'),
    { maxLength: 60 },
  );
  property.prop([
    fc.oneof(
      symbols.map((parts) => parts.join('')),
      fc.string({ maxLength: 500 }),
    ),
  ])('given any text, then there is a finite value or a ToolError, and nothing else', (text) => {
    try {
      expect(Number.isFinite(shown(evaluate(parse(text))))).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(ToolError);
    }
  });
});
