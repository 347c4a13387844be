import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DEPENDENCIES } from './templates.ts';

/** A record and not an object with a known key: zod puts known keys first, and the lock would be another file. */
const Entries = z.record(z.string(), z.unknown());

/**
 * Tells npm of the new workspace without an installation: two entries in the lock and the link in node_modules, as
 * `npm install` would make them. The set-up's record of the lock is renewed, so that nothing is installed again.
 */
export function linkWorkspace(root: string, name: string): void {
  const lockFile = join(root, 'package-lock.json');
  const before = readFileSync(lockFile, 'utf8');
  const lock = Entries.parse(JSON.parse(before));
  const packages = {
    ...Entries.parse(lock['packages']),
    [`services/${name}`]: {
      name: `@troupe/${name}`,
      version: '0.1.0',
      license: 'Apache-2.0',
      dependencies: DEPENDENCIES,
    },
    [`node_modules/@troupe/${name}`]: { resolved: `services/${name}`, link: true },
  };
  const sorted = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const after = `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`;
  writeFileSync(lockFile, after);
  const scope = join(root, 'node_modules', '@troupe');
  mkdirSync(scope, { recursive: true });
  if (!existsSync(join(scope, name))) symlinkSync(join('..', '..', 'services', name), join(scope, name), 'junction');
  const record = join(root, 'node_modules', '.troupe-lock-hash');
  if (existsSync(record) && readFileSync(record, 'utf8') === digest(before)) writeFileSync(record, digest(after));
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
