import { ToolError } from '../tool-error.ts';

export type Operator = '+' | '-' | '*' | '/' | '%' | '^' | '(' | ')' | ',';

/** `at` is the 1-based position in the expression, for messages. */
export type Token =
  | { kind: 'number'; value: number; at: number }
  | { kind: 'name'; name: string; at: number }
  | { kind: 'operator'; operator: Operator; at: number };

const PATTERN =
  /\s+|(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z][A-Za-z0-9]*)|(?<operator>\*\*|[-+*/%^(),×·÷−])/uy;

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['+', '+'],
  ['-', '-'],
  ['−', '-'],
  ['*', '*'],
  ['×', '*'],
  ['·', '*'],
  ['/', '/'],
  ['÷', '/'],
  ['%', '%'],
  ['^', '^'],
  ['**', '^'],
  ['(', '('],
  [')', ')'],
  [',', ','],
]);

/** The tokens of an expression. Throws ToolError at the first character that belongs to none. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let index = 0;
  while (index < expression.length) {
    PATTERN.lastIndex = index;
    const match = PATTERN.exec(expression);
    if (match === null) throw new ToolError(`Unexpected ${characterAt(expression, index)} at position ${index + 1}.`);
    const token = tokenOf(match, index + 1);
    if (token !== undefined) tokens.push(token);
    index = PATTERN.lastIndex;
  }
  return tokens;
}

function tokenOf(match: RegExpExecArray, at: number): Token | undefined {
  const { number, name, operator: sign } = match.groups ?? {};
  if (number !== undefined) return { kind: 'number', value: numberOf(number, at), at };
  if (name !== undefined) return { kind: 'name', name: name.toLowerCase(), at };
  const operator = OPERATORS.get(sign ?? '');
  return operator === undefined ? undefined : { kind: 'operator', operator, at };
}

function numberOf(text: string, at: number): number {
  // "max(1,000)" would otherwise quietly be the larger of 1 and 0.
  if (/^0\d/.test(text)) {
    throw new ToolError(`The number at position ${at} starts with 0. Write numbers without thousands separators.`);
  }
  const value = Number(text);
  if (!Number.isFinite(value)) throw new ToolError(`The number at position ${at} is too large.`);
  return value;
}

function characterAt(expression: string, index: number): string {
  const codePoint = expression.codePointAt(index) ?? 0;
  return `"${String.fromCodePoint(codePoint)}"`;
}
