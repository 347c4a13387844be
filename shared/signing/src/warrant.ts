import type { RunId, Token, Warrant } from '@troupe/contract';
import { isSignature, pairKey, signatureOf, type Statement } from './pair-key.ts';
import type { RoleKeys } from './role-keys.ts';

const FROM = 'supervisor';
const TO = 'policy-guard';

/** Whose warrant it is: signed, but not in the warrant, because the message that carries it says it already. */
export interface WarrantHolder {
  run: RunId;
  task: Token;
  tenant: Token;
  assignee: Token;
}

/** What a warrant allows. */
export type WarrantTerms = Omit<Warrant, 'signature'>;

function statementOf({ run, task, tenant, assignee }: WarrantHolder, terms: WarrantTerms): Statement {
  const { tools, toolCalls, deadlineAt } = terms;
  return ['troupe.warrant.2', run, task, tenant, assignee, tools, toolCalls, deadlineAt];
}

/** Signs warrants as the supervisor, for the guard. Deterministic. */
export function warrantSigner(supervisor: RoleKeys): (holder: WarrantHolder, terms: WarrantTerms) => Warrant {
  const key = pairKey(supervisor, FROM, TO);
  return (holder, terms) => ({
    ...terms,
    signature: signatureOf(key, statementOf(holder, terms)).toString('base64url'),
  });
}

/** Checks, as the guard, that the supervisor signed a warrant for this holder. Never throws. */
export function warrantVerifier(guard: RoleKeys): (holder: WarrantHolder, warrant: Warrant) => boolean {
  const key = pairKey(guard, FROM, TO);
  return (holder, warrant) =>
    isSignature(key, statementOf(holder, warrant), Buffer.from(warrant.signature, 'base64url'));
}
