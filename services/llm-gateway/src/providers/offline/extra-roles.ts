import type { PlanFacts } from '@troupe/contract';
import { clausesOf } from './aspects.ts';
import { stems, subjectTerms } from './terms.ts';

/**
 * A role beside research and writing that the goal asks for, and the goal's clause that does. `only`: the clause says
 * little else ("and translate it into German"), so there is nothing to find out about it.
 */
export interface ExtraRole {
  role: string;
  clause: string;
  only: boolean;
}

type Role = PlanFacts['roles'][number];

const STANDARD_ROLES: ReadonlySet<string> = new Set(['researcher', 'writer', 'critic', 'supervisor']);
/** Words of role descriptions that do not tell one role from another. */
const ROLE_WORDS: ReadonlySet<string> = new Set(
  stems('agent role task tasks draft drafts result results work works make'),
);

const OTHER_WORDS_MAX = 2;

/**
 * The roles that the goal asks for, in the order listed: those whose name, or a word of whose description that no
 * other role's has, stands in the goal.
 */
export function extraRoles(goal: string, roles: readonly Role[]): ExtraRole[] {
  const clauses = clausesOf(goal);
  return roles
    .filter(({ name }) => !STANDARD_ROLES.has(name))
    .flatMap((role) => {
      const wanted = distinctiveStems(role, roles);
      const clause = clauses.find((text) => stems(text).some((stem) => wanted.has(stem)));
      if (clause === undefined) return [];
      const others = subjectTerms(clause).filter(({ stem }) => !wanted.has(stem));
      return [{ role: role.name, clause, only: others.length <= OTHER_WORDS_MAX }];
    });
}

function distinctiveStems(role: Role, roles: readonly Role[]): ReadonlySet<string> {
  const others = new Set(roles.flatMap((other) => (other.name === role.name ? [] : stems(other.description))));
  const described = subjectTerms(role.description).map(({ stem }) => stem);
  const own = described.filter((stem) => !others.has(stem) && !ROLE_WORDS.has(stem));
  return new Set([...stems(role.name), ...own]);
}
