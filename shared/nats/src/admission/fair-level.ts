/**
 * How much of `total` somebody may have beside `others`, who want so much each (Infinity: all that they can get):
 * max–min fair. Who wants less than an equal part has it; the rest is divided among those who want more. Pure.
 */
export function fairLevel(total: number, others: readonly number[]): number {
  let rest = total;
  let parts = others.length + 1;
  for (const wanted of others.toSorted((a, b) => a - b)) {
    if (wanted > rest / parts) break;
    rest -= wanted;
    parts -= 1;
  }
  return rest / parts;
}
