import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { invalid, type Refusal } from './refusal.ts';
import type { ReasoningItem } from './request.ts';

/** Not secret: it has to be the same after a restart, and nothing that a client makes up by chance. */
const SEALING_KEY = 'troupe test models';
/** How all encrypted content of OpenAI's begins. */
const PREFIX = 'gAAAA';

const Sealed = z.object({ id: z.string(), model: z.string(), summary: z.string(), thinking: z.string() });

const signature = (payload: string) => createHmac('sha256', SEALING_KEY).update(payload).digest('base64url');

/** The encrypted content of a reasoning item: it fits this ID, model and summary alone. */
export function seal(model: string, item: Pick<ReasoningItem, 'summary'> & { id: string }, thinking: string): string {
  const sealed: z.infer<typeof Sealed> = { id: item.id, model, summary: JSON.stringify(item.summary), thinking };
  const payload = Buffer.from(JSON.stringify(sealed)).toString('base64url');
  return `${PREFIX}${payload}.${signature(payload)}`;
}

/** The ID of a reasoning item whose encrypted content was made for it; a refusal if it or what is around it was edited. */
export function unseal(model: string, item: ReasoningItem, encrypted: string): { id: string } | Refusal {
  const [payload = '', signed] = encrypted.slice(PREFIX.length).split('.');
  const message = `The encrypted content for item ${item.id ?? '(no id)'} could not be verified.`;
  const unfit = invalid(message, null, 'invalid_encrypted_content');
  if (!encrypted.startsWith(PREFIX) || signature(payload) !== signed) return unfit;
  const sealed = Sealed.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  const fits =
    sealed.model === model &&
    sealed.summary === JSON.stringify(item.summary) &&
    (item.id === undefined || item.id === sealed.id);
  return fits ? { id: sealed.id } : unfit;
}

/**
 * The IDs of one answer's items. Those of its calls and messages tell which reasoning they came with, so that it can be
 * demanded back with them even after a restart.
 */
export function answerIds(reasoned: boolean): { reasoning: string; of(kind: 'fc' | 'msg', at: number): string } {
  const nonce = randomBytes(12).toString('hex');
  return {
    reasoning: `rs_${nonce}`,
    of: (kind, at) => `${kind}_${nonce}${reasoned ? 'r' : 'p'}${at}`,
  };
}

/** The reasoning item that an item with this ID was made after, if there was one. */
export function requiredReasoning(id: string | undefined): string | undefined {
  const nonce = /^(?:fc|msg)_([0-9a-f]{24})r\d+$/u.exec(id ?? '')?.[1];
  return nonce === undefined ? undefined : `rs_${nonce}`;
}
