/** A function of `calculate`. `argumentsMax` undefined means any number, as far as the expression's length allows. */
export interface MathFunction {
  readonly argumentsMax?: number;
  apply(values: readonly number[]): number;
}

function unary(apply: (value: number) => number): MathFunction {
  return { argumentsMax: 1, apply: ([value = Number.NaN]) => apply(value) };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Half away from zero, as people round; Math.round takes −2.5 to −2. */
const roundHalfAway = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

export const FUNCTIONS: ReadonlyMap<string, MathFunction> = new Map<string, MathFunction>([
  ['sqrt', unary(Math.sqrt)],
  ['abs', unary(Math.abs)],
  ['min', { apply: (values) => Math.min(...values) }],
  ['max', { apply: (values) => Math.max(...values) }],
  ['round', unary(roundHalfAway)],
  ['floor', unary(Math.floor)],
  ['ceil', unary(Math.ceil)],
  ['ln', unary(Math.log)],
  ['log10', unary(Math.log10)],
  ['exp', unary(Math.exp)],
  ['sum', { apply: total }],
  ['avg', { apply: (values) => total(values) / values.length }],
]);

export const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
]);
