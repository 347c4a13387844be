import { createHmac } from 'node:crypto';
import { parseJson } from '../incoming.ts';

/** Not secret: it has to be the same after a restart. */
const SIGNING_KEY = 'troupe test models';

/** What Google has a client send with a call that another model made. */
export const FOREIGN_CALL = 'skip_thought_signature_validator';

/** Gemini's proof that a call is its own. The arguments may be spaced otherwise when they come back. */
export function signatureOf(name: string, argumentsJson: string): string {
  const parsed = parseJson(argumentsJson);
  const signed = JSON.stringify([name, parsed === undefined ? argumentsJson : parsed.value]);
  return createHmac('sha256', SIGNING_KEY).update(signed).digest('base64');
}

export function isSigned(name: string, argumentsJson: string, signature: string): boolean {
  return signature === FOREIGN_CALL || signature === signatureOf(name, argumentsJson);
}
