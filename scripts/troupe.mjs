#!/usr/bin/env node
// The bin: `npx troupe …`. Runs scripts/troupe.ts on the Node that the set-up installed, from the user's folder.
// Plain JavaScript without dependencies: it starts on any Node from 20.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCodeOf, taskEnv } from './bootstrap.mjs';

const NODE_MAJOR_MIN = 24;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INSTALLED = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

const node = existsSync(INSTALLED)
  ? INSTALLED
  : Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN
    ? process.execPath
    : undefined;

if (node === undefined || !existsSync(join(ROOT, 'node_modules', 'commander'))) {
  process.stderr.write(`Troupe is not set up yet. Run this once in ${ROOT}: npm start\n`);
  process.exitCode = 1;
} else {
  const script = join(ROOT, 'scripts', 'troupe.ts');
  const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: 'inherit', env: taskEnv(process.env, ROOT) });
  // A terminal gives Ctrl-C to the child itself.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`Node could not be started: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('close', (code, signal) => {
    process.exitCode = exitCodeOf(code, signal);
  });
}
