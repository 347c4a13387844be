import type { Input } from '@troupe/contract';
import { backoffMs } from './backoff.ts';
import type { Clock, Timers } from './ports.ts';

/** Entries of one due message that are handled at once. */
const AT_ONCE_MAX = 64;
/** A batch that comes again this often may hold what ends the process: each entry gets a message of its own. */
const BATCH_DELIVERIES_MAX = 3;

/**
 * Handles the entries of a due message of several. Each has its own fate: one that fails is armed again in a message
 * of its own, which is then tried, counted and buried by itself. Resolves when every entry is handled or armed again.
 */
export async function takeEach(
  inputs: readonly Input[],
  deliveries: number,
  { timers, clock, signal }: { timers: Timers; clock: Clock; signal: AbortSignal },
  take: (input: Input) => Promise<void>,
): Promise<void> {
  const again = async (input: Input, pauseMs: number): Promise<void> => {
    const { run, tenant, at } = input;
    await timers.armAlone({ run, tenant, at }, clock.now() + pauseMs);
  };
  const waiting = [...inputs];
  const work = async (): Promise<void> => {
    for (let input = waiting.shift(); input !== undefined; input = waiting.shift()) {
      const entry = input;
      if (deliveries > BATCH_DELIVERIES_MAX) await again(entry, 0);
      else
        await take(entry).catch((error: unknown) => {
          // A6: the whole message is given back.
          if (signal.aborted) throw error;
          return again(entry, backoffMs(1, Math.random()));
        });
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE_MAX, inputs.length) }, work));
}
