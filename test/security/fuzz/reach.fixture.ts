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
  const reach = new Map<string, Set<string>>();
  let account = '';
  for (const line of readFileSync(join(dataDir, 'nats.conf'), 'utf8').split('\n')) {
    account = /^ {2}([A-Z][A-Za-z_]*) \{$/.exec(line)?.[1] ?? account;
    const allowed = /publish: \{ allow: \[([^\]]*)\]/.exec(line)?.[1];
    if (allowed === undefined || TRUSTED.includes(account)) continue;
    // An account may have several users: with a key, and without one.
    const subjects = reach.get(account) ?? new Set();
    for (const [, subject = ''] of allowed.matchAll(/"([^"]+)"/g)) subjects.add(subject);
    reach.set(account, subjects);
  }
  return [...reach].map(([name, subjects]) => ({ account: name, subjects: [...subjects] }));
}
