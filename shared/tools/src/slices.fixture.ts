import { setImmediate } from 'node:timers/promises';

const MICROSECONDS_PER_MS = 1_000;

/**
 * The longest time in ms that this thread computed between two turns of its event loop while `work` ran. CPU time and
 * not the clock's: others on the machine make it no longer.
 */
export async function longestSliceMs(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let at = cpuMs();
  let isRunning = true;
  const look = (): void => {
    const now = cpuMs();
    longest = Math.max(longest, now - at);
    at = now;
  };
  const watching = (async () => {
    while (isRunning) {
      await setImmediate();
      look();
    }
  })();
  await work();
  isRunning = false;
  look();
  await watching;
  return longest;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / MICROSECONDS_PER_MS;
}
