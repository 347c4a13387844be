/** Questions that a process has to leave unanswered, one after the other, before it counts as hung. */
const PROBES = 6;

/**
 * Asks a process again and again whether it lives. Resolves with true when it has answered nothing for `hungMs` (at most
 * a sixth more), with false when `isOver`. What counts is questions, not the clock: a launcher that was itself
 * suspended for an hour finds the first question unanswered, and the second one answered.
 */
export async function hangs(
  isAlive: (timeoutMs: number) => Promise<boolean>,
  isOver: () => boolean,
  hungMs: number,
): Promise<boolean> {
  const everyMs = Math.ceil(hungMs / PROBES);
  let unanswered = 0;
  while (!isOver() && unanswered < PROBES) {
    const pause = new Promise((resolve) => setTimeout(resolve, everyMs).unref());
    const [answered] = await Promise.all([isAlive(everyMs), pause]);
    unanswered = answered ? 0 : unanswered + 1;
  }
  return !isOver();
}
