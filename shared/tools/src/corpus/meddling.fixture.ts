import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const MEDDLER = fileURLToPath(new URL('meddler.fixture.ts', import.meta.url));

/** What another process does to files again and again, as fast as it can, while a corpus is loaded. */
export const Meddling = z.discriminatedUnion('kind', [
  /** The name leads to what belongs there, then to a link to `outside`, and back. */
  z.object({ kind: z.literal('swap'), path: z.string(), outside: z.string() }),
  /** The file has `bytes` bytes, grows by as much again and again up to five times of it, then is short again. */
  z.object({ kind: z.literal('grow'), path: z.string(), bytes: z.int() }),
]);
export type Meddling = z.infer<typeof Meddling>;

/** Runs `during` while a second process meddles; resolves when that process is gone. */
export async function whileMeddling(meddling: Meddling, during: () => Promise<void>): Promise<void> {
  const meddler: ChildProcess = fork(MEDDLER, [JSON.stringify(meddling)]);
  const exited = once(meddler, 'exit');
  const tooEarly = exited.then(() => {
    throw new Error('the meddling process ended too early');
  });
  try {
    await Promise.race([once(meddler, 'message'), tooEarly]);
    await Promise.race([during(), tooEarly]);
  } finally {
    tooEarly.catch(() => undefined);
    meddler.kill('SIGKILL');
    await exited;
  }
}
