import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { count } from '../cli/one-line.ts';
import { checked, type Finding } from './finding.ts';

/** Beside the roles: who makes the streams, and the command line. */
const OPERATORS = ['admin', 'viewer'];
const MAKE =
  'Start Troupe once (npm start) or make them: npm run nats-auth -- --out <folder>. Elsewhere set TROUPE_AUTH_DIR.';
/** Bits of a file's mode that let others in. */
const OTHERS = 0o077;
const NAMED_MAX = 3;

/** Whether each role has its credentials, and nobody else can read them. */
export function checkCredentials(authDir: string, roles: readonly string[]): Promise<Finding> {
  return checked('credentials', MAKE, () => {
    const names = [...roles, ...OPERATORS];
    const missing = names.filter((name) => !isFile(join(authDir, name, 'nats.nk')));
    if (missing.length > 0) return failed(`There are no credentials in ${authDir} for ${some(missing)}`, MAKE);
    const open = process.platform === 'win32' ? [] : openTo(OTHERS, authDir);
    if (open.length > 0)
      return failed(`Others on this machine may read or change ${some(open)} in ${authDir}`, `chmod -R go= ${authDir}`);
    const says = `${count(names.length, 'identity', 'identities')} in ${authDir}, for their owner alone`;
    return { check: 'credentials', verdict: 'ok', says, facts: { identities: names.length } };
  });
}

const failed = (says: string, change: string): Finding => ({ check: 'credentials', verdict: 'failed', says, change });

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Files and folders below `folder`, and itself, whose mode has any of the bits. */
function openTo(bits: number, folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    join(entry.parentPath, entry.name),
  );
  return [folder, ...paths]
    .filter((path) => (statSync(path).mode & bits) !== 0)
    .map((path) => relative(folder, path) || '.');
}

function some(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return `${names.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
