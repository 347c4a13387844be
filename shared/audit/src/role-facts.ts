import type { Token } from '@troupe/contract';

/** Stands for every worker and reviewer in a declaration. */
const WORKERS = '@workers';

type Parties = Readonly<Record<string, readonly string[] | undefined>>;

/** What an audit has to know of a role: a part of its declaration. */
export interface RoleFacts {
  readonly name: Token;
  readonly kind: string;
  /** One actor per run, or one per run and task. */
  readonly scope: 'run' | 'task';
  readonly consumes: Parties;
  readonly emits: Parties;
}

/** Roles with one actor per run, where no declarations are given; all others have one per task. */
const PER_RUN = new Set(['supervisor', 'policy-guard']);

/** Whether a role has one actor per run. */
export function isPerRun(role: Token, roles: ReadonlyMap<Token, RoleFacts>): boolean {
  const facts = roles.get(role);
  return facts === undefined ? PER_RUN.has(role) : facts.scope === 'run';
}

const isWorker = (facts: RoleFacts | undefined): boolean => facts?.kind === 'worker' || facts?.kind === 'reviewer';

/** Whether `name` is among the parties that `declared` has for a type; roles that are not installed are no workers. */
export function isParty(declared: Parties, type: string, name: Token, roles: ReadonlyMap<Token, RoleFacts>): boolean {
  const parties = declared[type] ?? [];
  return parties.includes(name) || (parties.includes(WORKERS) && isWorker(roles.get(name)));
}
