const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/**
 * Delay before the next try of a delivery: exponential with full jitter (AWS Architecture Blog, "Exponential Backoff
 * And Jitter"). `attempt` counts from 1; `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
