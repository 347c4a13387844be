import { ToolError } from '../tool-error.ts';
import { FUNCTIONS } from './functions.ts';
import type { BinaryOperator, Expression } from './parse.ts';

/** The value of an expression, always finite. Throws ToolError on division by zero, overflow and undefined results. */
export function evaluate(expression: Expression): number {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'negate':
      return -evaluate(expression.of);
    case 'binary':
      return checked(
        binary(expression.operator, evaluate(expression.left), evaluate(expression.right)),
        expression.operator,
      );
    case 'call':
      return checked(call(expression.name, expression.args.map(evaluate)), expression.name);
  }
}

function binary(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / nonzero(right);
    case '%':
      return left % nonzero(right);
    case '^':
      return right < 0 ? nonzero(left) ** right : left ** right;
  }
}

function call(name: string, values: readonly number[]): number {
  const definition = FUNCTIONS.get(name);
  if (definition === undefined) throw new Error(`no function ${name}`);
  return definition.apply(values);
}

function nonzero(divisor: number): number {
  if (divisor === 0) throw new ToolError('Division by zero.');
  return divisor;
}

function checked(value: number, operation: string): number {
  if (Number.isNaN(value) || value === Number.NEGATIVE_INFINITY || value === Number.POSITIVE_INFINITY) {
    const reason = Number.isNaN(value) ? 'has no real value' : 'is out of range';
    throw new ToolError(`The result of "${operation}" ${reason}.`);
  }
  return value;
}
