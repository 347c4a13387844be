import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An account of the server's configuration, and the subjects that its user may publish to. */
export interface Reach {
  account: string;
  subjects: string[];
}

/** The administrator and the server's own account may do everything: they are no attackers. */
const TRUSTED = ['BUS', 'SYS'];

/** Who may publish where, read from the configuration that the server runs with: nothing is listed by hand. */
export function readReach(dataDir: string): Reach[] {
  const reach: Reach[] = [];
  let account = '';
  for (const line of readFileSync(join(dataDir, 'nats.conf'), 'utf8').split('\n')) {
    account = /^ {2}([A-Z][A-Za-z_]*) \{$/.exec(line)?.[1] ?? account;
    const allowed = /publish: \{ allow: \[([^\]]*)\]/.exec(line)?.[1];
    if (allowed === undefined || TRUSTED.includes(account)) continue;
    const subjects = [...allowed.matchAll(/"([^"]+)"/g)].map(([, subject]) => subject ?? '');
    reach.push({ account, subjects: [...new Set(subjects)] });
  }
  return reach;
}
