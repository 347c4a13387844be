/** The first wait before asking again, at most; each further one may be twice as long. */
export const BACKOFF_MS = 500;
/** The longest wait of our own choice. */
export const BACKOFF_MS_MAX = 8_000;
/** The longest that a service may ask us to wait: beyond that another model is asked at once. */
export const RETRY_AFTER_MS_MAX = 20_000;
/** By how much those who were told to wait equally long come back apart from each other. */
export const SPREAD_MS = 250;

/**
 * Milliseconds to wait after the `tries`th try (from 1) that waiting may cure; undefined if the service asks for more than
 * is worth waiting for. `random` is in [0, 1): whole crowds are told to wait at the same moment.
 */
export function backoffMs(tries: number, random: number, retryAfterMs?: number): number | undefined {
  if (retryAfterMs !== undefined && retryAfterMs > 0)
    return retryAfterMs > RETRY_AFTER_MS_MAX ? undefined : Math.ceil(retryAfterMs + random * SPREAD_MS);
  const longest = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (tries - 1));
  return Math.ceil((longest / 2) * (1 + random));
}
