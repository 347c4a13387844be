import { timingSafeEqual } from 'node:crypto';
import type { Evidence, RunRef, SealedEvidence, Token } from '@troupe/contract';
import { pairKey, signatureOf, type Statement } from './pair-key.ts';
import type { RoleKeys } from './role-keys.ts';

const FROM = 'tool-executor';
/** Who believes seals. Each has a part of its own, because each shares another key with the executor. */
const READERS = ['supervisor', 'policy-guard'] as const;
/** Half of an HMAC-SHA-256 (RFC 2104 §5): each passage carries one part per reader. */
const PART_BYTES = 16;

function statementOf({ tenant, run }: RunRef, { path, startLine, endLine, text }: Evidence): Statement {
  return ['troupe.evidence.3', tenant, run, path, startLine, endLine, text];
}

/** Seals passages as the executor: "a tool returned this, in this run". Deterministic. */
export function evidenceSealer(executor: RoleKeys): (ref: RunRef, passage: Evidence) => SealedEvidence {
  const keys = READERS.map((reader) => pairKey(executor, FROM, reader));
  return (ref, found) => {
    // Half a character does not survive the way: what is sealed has to be what arrives.
    const passage = { ...found, path: found.path.toWellFormed(), text: found.text.toWellFormed() };
    const statement = statementOf(ref, passage);
    const parts = keys.map((key) => signatureOf(key, statement).subarray(0, PART_BYTES));
    return { ...passage, seal: Buffer.concat(parts).toString('base64url') };
  };
}

/**
 * Checks seals as one of their readers: whether a tool returned exactly this passage in this run. What was checked is
 * remembered per object, so that deciding and evolving on one message check it once. Never throws.
 */
export function sealVerifier(reader: RoleKeys): (ref: RunRef, evidence: SealedEvidence) => boolean {
  const place = READERS.findIndex((name: Token) => name === reader.name);
  if (place < 0) throw new Error(`Seals are for ${READERS.join(' and ')}, not for ${reader.name}.`);
  const key = pairKey(reader, FROM, reader.name);
  const known = new WeakMap<SealedEvidence, RunRef & { good: boolean }>();
  return (ref, evidence) => {
    const { tenant, run } = ref;
    const before = known.get(evidence);
    if (before?.run === run && before.tenant === tenant) return before.good;
    const part = Buffer.from(evidence.seal, 'base64url').subarray(place * PART_BYTES, (place + 1) * PART_BYTES);
    const expected = signatureOf(key, statementOf(ref, evidence)).subarray(0, PART_BYTES);
    const good = part.length === PART_BYTES && timingSafeEqual(part, expected);
    known.set(evidence, { tenant, run, good });
    return good;
  };
}
