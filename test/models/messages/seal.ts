import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';

/** Not secret: it only tells what this server signed from what somebody made up. */
const SIGNING_KEY = 'thinking of the tests';
const MAC_CHARS = 16;

/** What a thinking block's signature says of it. */
const Seal = z.strictObject({
  answer: z.string(),
  model: z.string(),
  /** Digest of all that was said before the answer. */
  prefix: z.string(),
  text: z.string(),
  /** Which of the answer's thinking blocks it is, and of how many. */
  at: z.int(),
  of: z.int(),
  /** Other blocks of the answer that stand before it. */
  after: z.int(),
});
export type Seal = z.infer<typeof Seal>;

export const textDigest = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, MAC_CHARS);

export function sealed(seal: Seal): string {
  const content = Buffer.from(JSON.stringify(seal)).toString('base64url');
  return `${content}.${mac(content)}`;
}

/** What a signature says; undefined if this service never gave it. */
export function unsealed(signature: string): Seal | undefined {
  const [content = '', signed] = signature.split('.');
  if (signed !== mac(content)) return undefined;
  const read: unknown = JSON.parse(Buffer.from(content, 'base64url').toString('utf8'));
  return Seal.parse(read);
}

const mac = (content: string): string =>
  createHmac('sha256', SIGNING_KEY).update(content).digest('base64url').slice(0, MAC_CHARS);

/** A call's ID tells which model it is of, and whether something was thought before it. */
export const callIdStart = (model: string, thought: boolean): string =>
  `toolu_${thought ? 'T' : 'N'}${createHash('sha256').update(model).digest('hex').slice(0, 4)}`;
