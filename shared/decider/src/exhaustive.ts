/** The default of a switch that must name every case: the compiler refuses a missing one. Throws if it is reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
