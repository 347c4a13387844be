import type { Part } from './whole-logs.ts';

/** Where the archive does not hold exactly what was once stored, as sentences. Pure. */
export function tapDifferences(stored: readonly Part[], archived: readonly Part[]): string[] {
  const inArchive = Map.groupBy(archived, ({ subject }) => subject);
  const lost = stored.flatMap(({ subject, bytes }) => {
    const found = inArchive.get(subject) ?? [];
    const [first] = found;
    if (first === undefined) return [`${subject} was stored and is not in the archive`];
    if (found.length > 1) return [`${subject} is in the archive ${found.length} times`];
    return Buffer.from(first.bytes).equals(bytes) ? [] : [`${subject} is in the archive with other bytes`];
  });
  const known = new Set(stored.map(({ subject }) => subject));
  const extra = [...inArchive.keys()].filter((subject) => !known.has(subject));
  return [...lost, ...extra.map((subject) => `${subject} is in the archive and was never stored`)];
}
