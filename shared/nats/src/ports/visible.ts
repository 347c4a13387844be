/** A server that lags behind is waited for so long, in ms; what is longer is tried again by who asks. */
const VISIBLE_MS_MAX = 5_000;
const PAUSE_FIRST_MS = 5;
const PAUSE_LONGEST_MS = 500;

/**
 * Reads until `isThere`, with pauses that grow from 5 to 500 ms, for 5 s at most: of what is known to be stored a server of a
 * cluster that lags behind may not know yet. Gives what was read last; the first read is the only one where nothing lags.
 */
export async function untilVisible<T>(read: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
  const until = performance.now() + VISIBLE_MS_MAX;
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(PAUSE_LONGEST_MS, pauseMs * 2)) {
    const found = await read();
    if (isThere(found) || performance.now() + pauseMs > until) return found;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
