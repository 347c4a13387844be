import { encode, type RunId, type Token, type Warrant } from '@troupe/contract';
import { isSignature, pairKey, signatureOf } from './pair-key.ts';
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

function bytesOf({ run, task, tenant, assignee }: WarrantHolder, terms: WarrantTerms): Uint8Array {
  const { tools, toolCalls, deadlineAt } = terms;
  return encode(['troupe.warrant.1', run, task, tenant, assignee, tools, toolCalls, deadlineAt]);
}

/** Signs warrants as the supervisor, for the guard. Deterministic. */
export function warrantSigner(supervisor: RoleKeys): (holder: WarrantHolder, terms: WarrantTerms) => Warrant {
  const key = pairKey(supervisor, FROM, TO);
  return (holder, terms) => ({ ...terms, signature: signatureOf(key, bytesOf(holder, terms)).toString('base64url') });
}

/** Checks, as the guard, that the supervisor signed a warrant for this holder. Never throws. */
export function warrantVerifier(guard: RoleKeys): (holder: WarrantHolder, warrant: Warrant) => boolean {
  const key = pairKey(guard, FROM, TO);
  return (holder, warrant) => isSignature(key, bytesOf(holder, warrant), Buffer.from(warrant.signature, 'base64url'));
}
