// House rules on the shape of the sources that the linter cannot check. Run: `npm run rooms`.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** One source file: its path from the root with `/`, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

export interface Figures {
  readonly files: number;
  /** Lines per file; the median and p90 of production sources, the maximum of all files, tests too. */
  readonly linesMedian: number;
  readonly linesP90: number;
  readonly linesMax: number;
}

const LINES_MEDIAN_MAX = 100;
const LINES_P90_MAX = 200;
const LINES_MAX = 300;

/** Names that say nothing of what is inside. */
const EMPTY_NAMES = new Set(['utils', 'util', 'common', 'helpers', 'helper', 'misc', 'lib']);

/** Comments that switch a checker off. Tests may, with a reason; production sources may not. */
const SILENCER = /(?:\/\/|\/\*)\s*(?:@ts-(?:ignore|nocheck|expect-error)|(?:oxlint|eslint)-disable)/u;

const isTest = (path: string): boolean => path.startsWith('test/') || /\.(?:spec|fixture)\.ts$/u.test(path);

const lineCount = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/** The value below which the share `p` of the sorted numbers lies (nearest rank); 0 of nothing. */
const percentile = (sorted: readonly number[], p: number): number => sorted[Math.ceil(sorted.length * p) - 1] ?? 0;

export const measure = (sources: readonly Source[]): Figures => {
  const lines = (some: readonly Source[]) => some.map(({ text }) => lineCount(text)).toSorted((a, b) => a - b);
  const production = lines(sources.filter(({ path }) => !isTest(path)));
  return {
    files: sources.length,
    linesMedian: percentile(production, 0.5),
    linesP90: percentile(production, 0.9),
    linesMax: lines(sources).at(-1) ?? 0,
  };
};

const problemsOfFile = ({ path, text }: Source): readonly string[] => {
  const problems: string[] = [];
  const lines = lineCount(text);
  if (lines > LINES_MAX) problems.push(`${path}: ${lines} lines, at most ${LINES_MAX}: split it by concept`);
  const names = [...path.split('/').slice(0, -1), basename(path).replace(/\..*$/u, '')];
  const empty = names.find((name) => EMPTY_NAMES.has(name));
  if (empty !== undefined) problems.push(`${path}: "${empty}" names no concept: say what it holds`);
  if (isTest(path)) return problems;
  text.split('\n').forEach((line, index) => {
    if (SILENCER.test(line)) problems.push(`${path}:${index + 1}: a checker is silenced: ${line.trim()}`);
  });
  return problems;
};

/** Everything wrong with the sources, one line each, empty when nothing is. */
export const inspect = (sources: readonly Source[]): readonly string[] => {
  const { files, linesMedian, linesP90 } = measure(sources);
  const problems = sources.flatMap(problemsOfFile);
  if (files === 0) problems.push('no source was found');
  if (linesMedian > LINES_MEDIAN_MAX) problems.push(`median file: ${linesMedian} lines, at most ${LINES_MEDIAN_MAX}`);
  if (linesP90 > LINES_P90_MAX) problems.push(`p90 file: ${linesP90} lines, at most ${LINES_P90_MAX}`);
  return problems;
};

const SKIPPED_FOLDERS = new Set(['node_modules', 'coverage']);

const isSource = (name: string): boolean => /\.(?:ts|mts|mjs)$/u.test(name) && !/\.(?:generated|d)\.m?ts$/u.test(name);

/** Reads every source below `folder`, hidden folders left out. `prefix` is the path of `folder` from the root. */
const readSources = (folder: string, prefix = ''): readonly Source[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${prefix}${entry.name}`;
    const full = join(folder, entry.name);
    if (entry.isDirectory()) {
      const skipped = SKIPPED_FOLDERS.has(entry.name) || entry.name.startsWith('.');
      return skipped ? [] : readSources(full, `${path}/`);
    }
    return isSource(entry.name) ? [{ path, text: readFileSync(full, 'utf8') }] : [];
  });

if (import.meta.main) {
  const sources = readSources(join(import.meta.dirname, '..'));
  const { files, linesMedian, linesP90, linesMax } = measure(sources);
  const problems = inspect(sources);
  for (const problem of problems) console.error(problem);
  console.log(`rooms: ${files} files, lines median ${linesMedian}, p90 ${linesP90}, max ${linesMax}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
