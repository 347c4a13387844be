#!/usr/bin/env node
// Every command's way in: sets up a fresh clone, then runs the task's script on Node 24.
// `node scripts/bootstrap.mjs <task> [arguments…]`, on any Node from 20; plain JavaScript without dependencies.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { install, SetupError } from './install.mjs';

const NODE_MAJOR_MIN = 20;
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @type {Readonly<Record<string, readonly string[]>>} */
const TASKS = {
  start: ['scripts/start.ts'],
  cli: ['scripts/troupe.ts'],
  test: ['node_modules/vitest/vitest.mjs', 'run', '--root', ROOT],
  bench: ['test/bench/main.ts'],
  faults: ['test/faults/main.ts'],
  'models:matrix': ['test/models/matrix/main.ts'],
  'ci-extras': ['test/ci-extras.ts'],
  verify: ['scripts/verify.ts'],
  'new-role': ['scripts/new-role.ts'],
  'nats-auth': ['scripts/nats-auth.ts'],
};

/**
 * A child's way to end as an exit code, in the shell's way: 128 + n for signal n.
 * @param {number | null} code @param {NodeJS.Signals | null} signal
 */
export const exitCodeOf = (code, signal) => (signal === null ? (code ?? 1) : 128 + constants.signals[signal]);

/**
 * The environment of a task: the workspace's commands come first, compiled sources are kept for the next start,
 * and no tool reports home.
 * @param {NodeJS.ProcessEnv} env @param {string} root
 */
export const taskEnv = (env, root) => {
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return {
    ...env,
    [pathName]: [join(root, 'node_modules', '.bin'), env[pathName]].filter(Boolean).join(delimiter),
    NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? join(root, '.troupe', 'compile-cache'),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  };
};

/**
 * Runs `node` until it ends. A terminal gives Ctrl-C to the child itself, so SIGINT is passed on only without one;
 * the child would otherwise see two and take the second as impatience.
 * @param {string} node @param {readonly string[]} words
 * @returns {Promise<number>} the exit code
 */
const run = (node, words) =>
  new Promise((resolve, reject) => {
    const child = spawn(node, [...words], { stdio: 'inherit', env: taskEnv(process.env, ROOT) });
    process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(exitCodeOf(code, signal)));
  });

/** @param {readonly string[]} words the task and its arguments */
const main = async ([name = '', ...rest]) => {
  const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
  if (task === undefined) throw new SetupError(`Unknown task "${name}". Tasks: ${Object.keys(TASKS).join(', ')}.`);
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    throw new SetupError(`Node ${NODE_MAJOR_MIN} or newer is needed, this is ${process.version}.`);
  }
  const node = install(ROOT);
  const [script = '', ...words] = task;
  return run(node, [join(ROOT, script), ...words, ...rest]);
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
