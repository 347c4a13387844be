#!/usr/bin/env node
// Completes package-lock.json after `npm install`: `npm run lockfile`, or `--check` to only look.
//
// L1 Every optional platform package has an entry, also those that the registry at hand does not carry; without
//    them `npm ci` refuses the lock on every machine.
// L2 No entry says where it was downloaded: each user's npm uses the registry it is set up for. An entry that
//    names any host but registry.npmjs.org is an error, because its content came from elsewhere.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PUBLIC_REGISTRY = 'https://registry.npmjs.org/';

/** @type {Readonly<Record<string, string>>} */
const OS_BY_WORD = {
  aix: 'aix',
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win32: 'win32',
  windows: 'win32',
};
const CPUS = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el'];

/**
 * @typedef {{ version?: string, resolved?: string, link?: boolean, dev?: boolean, license?: string,
 *   os?: string[], cpu?: string[], libc?: string[], optional?: boolean,
 *   optionalDependencies?: Record<string, string> }} Entry
 * @typedef {{ packages: Record<string, Entry> }} Lock
 * @typedef {{ lock: Lock, added: string[], unplaced: string[], foreign: string[] }} Completed
 */

/**
 * The platform that a package's name speaks of, undefined when it speaks of none.
 * @param {string} name
 */
const platformOf = (name) => {
  const words = (name.split('/').pop() ?? name).split('-');
  const os = words.map((word) => OS_BY_WORD[word]).find((found) => found !== undefined);
  const cpu = words.find((word) => CPUS.includes(word)) ?? (words.includes('64') ? 'x64' : undefined);
  if (os === undefined || cpu === undefined) return undefined;
  if (words.some((word) => word.startsWith('musl'))) return { os: [os], cpu: [cpu], libc: ['musl'] };
  if (words.some((word) => word.startsWith('gnu'))) return { os: [os], cpu: [cpu], libc: ['glibc'] };
  return { os: [os], cpu: [cpu] };
};

/**
 * The folders in which `parent` finds the packages it needs, nearest first, as Node looks them up.
 * @param {string} parent the parent's path in the lock, '' for the root
 */
const lookupFolders = (parent) => {
  const steps = parent === '' ? [] : parent.split('/node_modules/');
  const above = steps.map((_, index) => `${steps.slice(0, steps.length - index).join('/node_modules/')}/node_modules`);
  return [...above, 'node_modules'];
};

/**
 * @param {Lock} lock
 * @returns {Completed} a new lock and what was done; `foreign` are entries that break L2
 */
export const completeLock = (lock) => {
  const packages = structuredClone(lock.packages);
  /** @type {string[]} */ const added = [];
  /** @type {string[]} */ const unplaced = [];
  for (const [path, parent] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
      if (lookupFolders(path).some((folder) => packages[`${folder}/${name}`] !== undefined)) continue;
      const platform = platformOf(name);
      if (platform === undefined) {
        unplaced.push(`${name}@${range}`);
        continue;
      }
      const { dev, license } = parent;
      packages[`node_modules/${name}`] = {
        version: range.replace(/^[\^~]/u, ''),
        ...platform,
        ...(dev === undefined ? {} : { dev }),
        ...(license === undefined ? {} : { license }),
        optional: true,
      };
      added.push(`${name}@${range}`);
    }
  }
  /** @type {string[]} */ const foreign = [];
  for (const [path, entry] of Object.entries(packages)) {
    if (entry.resolved?.startsWith(PUBLIC_REGISTRY)) delete entry.resolved;
    else if (entry.link !== true && entry.resolved !== undefined) foreign.push(path);
  }
  const sorted = Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { lock: { ...lock, packages: Object.fromEntries(sorted) }, added, unplaced, foreign };
};

const main = () => {
  const path = join(import.meta.dirname, '..', 'package-lock.json');
  const before = readFileSync(path, 'utf8');
  /** @type {Lock} */ const parsed = JSON.parse(before);
  const { lock, added, unplaced, foreign } = completeLock(parsed);
  for (const entry of foreign) console.error(`${entry}: resolved from another host than ${PUBLIC_REGISTRY}`);
  for (const name of unplaced) console.error(`${name}: optional, missing, and no platform in its name: left out`);
  if (foreign.length > 0) return 1;
  const after = `${JSON.stringify(lock, null, 2)}\n`;
  if (process.argv.includes('--check')) {
    console.log(after === before ? 'lockfile: complete' : 'lockfile: incomplete, run `npm run lockfile`');
    return after === before ? 0 : 1;
  }
  writeFileSync(path, after);
  console.log(`lockfile: added ${added.length} optional packages`);
  return 0;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = main();
