import { ToolError } from '../tool-error.ts';
import { CONSTANTS, FUNCTIONS } from './functions.ts';
import { tokenize } from './tokens.ts';
import type { Operator, Token } from './tokens.ts';

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '^';

export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'negate'; of: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'call'; name: string; args: Expression[] };

/** Parentheses, signs, powers and calls that may be open at once. */
export const DEPTH_MAX = 64;

/**
 * Parses an expression; throws ToolError with the position of what is wrong.
 *
 *     sum     = product (("+" | "-") product)*
 *     product = signed (("*" | "/" | "%") signed)*
 *     signed  = ("+" | "-") signed | power
 *     power   = atom ("^" signed)?                 so -2^2 is -4, 2^-1 is 0.5 and 2^3^2 is 2^9
 *     atom    = number | constant | function "(" sum ("," sum)* ")" | "(" sum ")"
 */
export function parse(text: string): Expression {
  return new Parser(tokenize(text)).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Expression {
    const expression = this.#sum();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) throw unexpected(rest);
    return expression;
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const operator = this.#take('+') ?? this.#take('-');
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: this.#product() };
    }
  }

  #product(): Expression {
    let left = this.#signed();
    for (;;) {
      const operator = this.#take('*') ?? this.#take('/') ?? this.#take('%');
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: this.#signed() };
    }
  }

  #signed(): Expression {
    // Every recursion of the grammar passes here, so this is the one place that counts depth.
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new ToolError(`The expression is nested more than ${DEPTH_MAX} levels deep.`);
    const expression = this.#signedWithin();
    this.#depth -= 1;
    return expression;
  }

  #signedWithin(): Expression {
    if (this.#take('-') !== undefined) return { kind: 'negate', of: this.#signed() };
    if (this.#take('+') !== undefined) return this.#signed();
    return this.#power();
  }

  #power(): Expression {
    const left = this.#atom();
    const operator = this.#take('^');
    return operator === undefined ? left : { kind: 'binary', operator, left, right: this.#signed() };
  }

  #atom(): Expression {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new ToolError('The expression ends too early.');
    this.#next += 1;
    if (token.kind === 'number') return { kind: 'number', value: token.value };
    if (token.kind === 'name') return this.#named(token.name, token.at);
    if (token.operator !== '(') throw unexpected(token);
    const inner = this.#sum();
    this.#expect(')');
    return inner;
  }

  #named(name: string, at: number): Expression {
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) return { kind: 'number', value: constant };
    const definition = FUNCTIONS.get(name);
    if (definition === undefined) throw unknownName(name, at);
    this.#expect('(');
    const args = [this.#sum()];
    while (this.#take(',') !== undefined) args.push(this.#sum());
    this.#expect(')');
    if (definition.argumentsMax !== undefined && args.length > definition.argumentsMax) {
      throw new ToolError(`${name} takes ${definition.argumentsMax} argument, not ${args.length}.`);
    }
    return { kind: 'call', name, args };
  }

  #take<Wanted extends Operator>(wanted: Wanted): Wanted | undefined {
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'operator' || token.operator !== wanted) return undefined;
    this.#next += 1;
    return wanted;
  }

  #expect(wanted: Operator): void {
    if (this.#take(wanted) !== undefined) return;
    const token = this.#tokens[this.#next];
    throw new ToolError(
      token === undefined
        ? `The expression ends before a "${wanted}".`
        : `Expected "${wanted}" at position ${token.at}.`,
    );
  }
}

function unexpected(token: Token): ToolError {
  const shown = token.kind === 'number' ? String(token.value) : token.kind === 'name' ? token.name : token.operator;
  const hint = shown === ',' ? ' Write numbers without thousands separators.' : '';
  return new ToolError(`Unexpected "${shown}" at position ${token.at}.${hint}`);
}

function unknownName(name: string, at: number): ToolError {
  const known = [...FUNCTIONS.keys(), ...CONSTANTS.keys()].join(', ');
  return new ToolError(`Unknown name "${name}" at position ${at}. Known: ${known}.`);
}
