import { duration, oneLine } from './one-line.ts';
import { goalText, type ListedRun } from './run-list.ts';

const GOAL_CHARS_MAX = 70;
const REASON_CHARS_MAX = 200;

/** Runs as lines of a table: ID, how long ago, status, how long it took, tokens, goal. */
export function runTable(runs: readonly ListedRun[], now: number): string[] {
  const rows = runs.map(({ run, goal, status, reason, endedAt, tokens }) => [
    run,
    ago(now - goal.at),
    status,
    endedAt === undefined ? '' : duration(Math.max(0, endedAt - goal.at)),
    tokens === undefined ? '' : `${tokens.toLocaleString('en-US')} tokens`,
    oneLine(goalText(goal), GOAL_CHARS_MAX) + (reason === undefined ? '' : ` (${oneLine(reason, REASON_CHARS_MAX)})`),
  ]);
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(cell.length, widest[i] ?? 0)),
    [],
  );
  return rows.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '),
  );
}

const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const;

/** `3 min ago`, in the largest unit that fits. */
function ago(ms: number): string {
  const unit = UNITS.find((candidate) => ms >= candidate.ms);
  return unit === undefined ? 'just now' : `${Math.floor(ms / unit.ms)} ${unit.name} ago`;
}

/** Milliseconds of `90s`, `30m`, `24h` or `7d`; undefined if it is none of these. */
export function parseSpan(text: string): number | undefined {
  const [, digits, letter] = /^(\d{1,6})\s*(s|m|h|d)$/.exec(text.trim()) ?? [];
  const ms = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  if (digits === undefined || (letter !== 's' && letter !== 'm' && letter !== 'h' && letter !== 'd')) return undefined;
  return Number(digits) * ms[letter];
}
