// What a role's process could do if its code were an attacker's: tries each thing and writes down what became of it.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, symlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);

function attempt(what: () => unknown): string {
  try {
    what();
    return 'done';
  } catch (error) {
    return codeOf(error);
  }
}

const DEEDS: Readonly<Record<string, (path: string) => unknown>> = {
  read: (path) => readFileSync(path),
  write: (path) => closeSync(openSync(path, 'a')),
  link: (path) => symlinkSync('/etc/passwd', path),
  run: (path) => spawnSync(path),
  work: () => new Worker('', { eval: true }),
};

/** Words are deeds and paths in turn: `read /etc/passwd run /bin/sh`. */
const words = process.argv.slice(2);
const outcomes = words.flatMap((deed, index) => {
  const perform = DEEDS[deed];
  const path = words[index + 1] ?? '';
  return index % 2 === 1 || perform === undefined ? [] : [[`${deed} ${path}`, attempt(() => perform(path))] as const];
});
process.stdout.write(JSON.stringify(Object.fromEntries(outcomes)));
process.exit(0);
