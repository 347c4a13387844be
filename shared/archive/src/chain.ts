import { createHash } from 'node:crypto';
import type { RunRef } from '@troupe/contract';

/** Where the chain of a run begins: it names the run, so that no other's transcript fits. Hex SHA-256. */
export const chainStart = ({ tenant, run }: RunRef): string =>
  createHash('sha256').update(`troupe.archive.1 ${tenant} ${run}`).digest('hex');

/** The chain after these frames: the digest of each covers the one before it (a hash chain). Hex SHA-256. */
export function chainOver(start: string, frames: readonly Uint8Array[]): string {
  let link: Uint8Array = Buffer.from(start, 'hex');
  for (const frame of frames) link = createHash('sha256').update(link).update(frame).digest();
  return Buffer.from(link).toString('hex');
}
