import type { RunRef } from '@troupe/contract';
import { chainStart } from './chain.ts';
import type { LoggedMessage } from './frames.ts';
import { BrokenArchiveError, decodePart } from './part.ts';

/** The whole of what was archived of a run. */
export interface Transcript {
  log: LoggedMessage[];
  parts: number;
  /** The digest of the chain's end: whoever has noted it once can tell whether anything was changed since. */
  to: string;
}

/**
 * Puts the parts of a run together, in order, and proves that they are one chain which begins with this run and has no
 * gap. No parts are an empty transcript. Throws {@link BrokenArchiveError} with what is wrong.
 */
export function readTranscript(ref: RunRef, parts: readonly Uint8Array[]): Transcript {
  const log: LoggedMessage[] = [];
  let to = chainStart(ref);
  for (const [index, bytes] of parts.entries()) {
    const part = decodePart(bytes);
    const { tenant, run } = part;
    if (tenant !== ref.tenant || run !== ref.run)
      throw new BrokenArchiveError(`it is the archive of run ${run} of the tenant ${tenant}`);
    if (part.part !== index || part.from !== to)
      throw new BrokenArchiveError(`part ${index} of run ${run} does not go on where the one before it ends`);
    if (part.firstSeq <= (log.at(-1)?.seq ?? 0))
      throw new BrokenArchiveError(`part ${index} of run ${run} repeats messages`);
    log.push(...part.log);
    ({ to } = part);
  }
  return { log, parts: parts.length, to };
}
