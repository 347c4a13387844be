import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, taskEnv } from './bootstrap.mjs';
import { explainFailure, isInstalled } from './install.mjs';

describe('the exit code of a task', () => {
  it('is the code of the child', () => {
    expect(exitCodeOf(3, null)).toBe(3);
  });

  it('is 128 + n when signal n ended the child', () => {
    expect(exitCodeOf(null, 'SIGKILL')).toBe(137);
    expect(exitCodeOf(null, 'SIGTERM')).toBe(143);
  });
});

describe('the environment of a task', () => {
  it('puts the commands of the workspace first, whatever the path variable is called', () => {
    expect(taskEnv({ Path: '/bin' }, '/repo')).toMatchObject({
      Path: [join('/repo', 'node_modules', '.bin'), '/bin'].join(delimiter),
    });
  });

  it('keeps the rest and lets the user choose the compile cache', () => {
    expect(taskEnv({ NATS_URL: 'nats://a', NODE_COMPILE_CACHE: '/cache' }, '/repo')).toMatchObject({
      NATS_URL: 'nats://a',
      NODE_COMPILE_CACHE: '/cache',
      DO_NOT_TRACK: '1',
    });
  });
});

describe('an unknown task', () => {
  it('is refused with the list of tasks, before anything is installed', () => {
    const script = join(import.meta.dirname, 'bootstrap.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, 'toString'], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('Unknown task "toString". Tasks: start, cli, test');
  });
});

describe('whether the dependencies are installed', () => {
  const lock = (packages: Readonly<Record<string, object>>) => JSON.stringify({ packages });
  const wanted = lock({ '': {}, 'shared/a': {}, 'node_modules/b': { version: '1.0.0' } });

  it('is false without a record of npm', () => {
    expect(isInstalled(wanted, '')).toBe(false);
  });

  it('is true when every package of the lock is there', () => {
    expect(isInstalled(wanted, lock({ 'node_modules/b': { version: '1.0.0' } }))).toBe(true);
  });

  it('is false when one is missing or has another version', () => {
    expect(isInstalled(wanted, lock({}))).toBe(false);
    expect(isInstalled(wanted, lock({ 'node_modules/b': { version: '1.0.1' } }))).toBe(false);
  });

  it('does not ask for optional packages, which depend on the platform', () => {
    expect(isInstalled(lock({ 'node_modules/b': { version: '1.0.0', optional: true } }), lock({}))).toBe(true);
  });
});

describe('the reason why npm failed', () => {
  it.each([
    ['npm error code ENOTFOUND', /registry cannot be reached/u],
    ['npm error code ENOSPC', /disk is full/u],
    ['npm error code EACCES', /cannot be written/u],
    ['npm error code E404', /lacks a package/u],
    ['npm error code EUSAGE', /disagree/u],
    ['npm error code ESOMETHING', /its own words are above/u],
  ])('%s is said in a sentence', (output, sentence) => {
    expect(explainFailure(output)).toMatch(sentence);
  });
});
