// Runs everything that CI runs: `npm run verify`. With `--ci` also the slower extras, where they exist.
// One line per check with its time; the last line, alone, is the sum of all checks and tests.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FAILED, PASSED, resultLine, total, totalLine, type CheckResult } from './check-result.ts';
import { readChecks, TurboSummary } from './turbo-summary.ts';
import { countTests, VitestReport } from './vitest-report.ts';

const ROOT = join(import.meta.dirname, '..');
const CHECKS = ['format', 'lint', 'typecheck', 'imports', 'deadcode', 'rooms', 'lockfile:check'];
const SUMMARIES = '.turbo/runs';
const TEST_REPORT = '.troupe/test-results.json';

/** Run in CI only. A task whose script is not in the tree yet is left out. */
const EXTRAS = [
  { task: 'ci-extras', script: 'test/ci-extras.ts', words: [] },
  { task: 'bench', script: 'test/bench/main.ts', words: ['--quick', '--json'] },
  {
    task: 'faults',
    script: 'test/faults/main.ts',
    words: ['--runs', '60', '--seed', '1', '--only', 'roles,server,replicas,hung,full-store', '--json'],
  },
];

const HELP = `Usage: npm run verify [-- --ci]

Runs format, lint, types, imports, dead code, rooms and the lock file, then every test.
  --ci    also runs the extras of CI: ${EXTRAS.map(({ task }) => task).join(', ')}
  --help  shows this`;

const inRoot = (path: string): string => join(ROOT, path);

/** Runs a task as a user would, through the bootstrap. */
const runTask = (
  task: string,
  words: readonly string[],
): { readonly exitCode: number; readonly durationMs: number } => {
  const startMs = performance.now();
  const options = { cwd: ROOT, stdio: 'inherit' } as const;
  const { status } = spawnSync(process.execPath, ['scripts/bootstrap.mjs', task, ...words], options);
  return { exitCode: status ?? 1, durationMs: performance.now() - startMs };
};

/** Runs the checks side by side in turbo, which skips those whose inputs did not change since they passed. */
const runChecks = (): readonly CheckResult[] => {
  rmSync(inRoot(SUMMARIES), { recursive: true, force: true });
  const flags = ['--continue=always', '--summarize', '--output-logs=none'];
  const turbo = inRoot('node_modules/.bin/turbo');
  const shell = process.platform === 'win32';
  const { stdout, stderr } = spawnSync(turbo, ['run', ...CHECKS, ...flags], { cwd: ROOT, encoding: 'utf8', shell });
  const [file] = globSync(`${SUMMARIES}/*.json`, { cwd: ROOT });
  if (file === undefined) console.log(`${stdout}${stderr}`);
  const tasks: unknown = file === undefined ? { tasks: [] } : JSON.parse(readFileSync(inRoot(file), 'utf8'));
  const results = readChecks(TurboSummary.parse(tasks), CHECKS);
  for (const { counts, logFile } of results) {
    if (counts.failed > 0 && existsSync(inRoot(logFile)) && logFile !== '') {
      console.log(readFileSync(inRoot(logFile), 'utf8'));
    }
  }
  return results;
};

const runTests = (): CheckResult => {
  rmSync(inRoot(TEST_REPORT), { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${inRoot(TEST_REPORT)}`];
  const { exitCode, durationMs } = runTask('test', reporters);
  if (!existsSync(inRoot(TEST_REPORT))) return { name: 'test', durationMs, counts: FAILED, note: 'no report' };
  const report = VitestReport.parse(JSON.parse(readFileSync(inRoot(TEST_REPORT), 'utf8')));
  const counts = countTests(report, exitCode);
  return { name: 'test', durationMs, counts, note: totalLine(counts) };
};

const runExtras = (): readonly CheckResult[] =>
  EXTRAS.filter(({ script }) => existsSync(inRoot(script))).map(({ task, words }) => {
    const { exitCode, durationMs } = runTask(task, words);
    return { name: task, durationMs, counts: exitCode === 0 ? PASSED : FAILED, note: '' };
  });

const main = (): number => {
  const { values } = parseArgs({ options: { ci: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const results = [...runChecks(), runTests(), ...(values.ci === true ? runExtras() : [])];
  const counts = total(results);
  console.log();
  for (const result of results) console.log(resultLine(result));
  console.log();
  console.log(totalLine(counts));
  return counts.failed === 0 ? 0 : 1;
};

process.exitCode = main();
