/**
 * How late a message of a run may be in the mean, in ms: stored to delivered, and sent to stored, above what both take
 * when nobody waits. A run has 18 messages in a row: one that comes into a busy company is later by half a second.
 */
export const DELAY_TARGET_MS = 30;
/**
 * Runs that take no longer than this are not made fewer, in s: it may be a slow disk, or others on the machine, that makes
 * messages late, and who comes in is through as soon.
 */
const QUICK_S = 0.55;
/** Where there is one tenant alone nobody waits behind another's: messages may be so many times as late, in larger batches. */
export const ALONE = 4;
/** Runs in flight that are always allowed: whatever it is that makes messages late, something goes on. */
export const WINDOW_MIN = 16;
/** Runs in flight before anything is known. */
export const WINDOW_START = 64;
/** Part of what was seen last in the mean over steps: messages come in waves, and what a run costs is seen late. */
const SMOOTHING = 1 / 4;
/** What the window loses at one step, at most. */
const SHRINK_MAX = 1 / 4;

/** Runs that may be in flight, and what that follows from. */
export interface Window {
  readonly runs: number;
  /** Mean delay of a message in ms, how many runs were in flight meanwhile, and how many ended in a second. */
  readonly delayMs: number;
  readonly inFlight: number;
  readonly endedPerS: number;
}

export const firstWindow = (max: number): Window => ({
  runs: Math.min(max, WINDOW_START),
  delayMs: 0,
  inFlight: 0,
  endedPerS: 0,
});

/** What was seen since the last step. */
export interface Observation {
  /** Mean delay of a message in ms. */
  delayMs: number;
  /** Runs begun and not ended. */
  inFlight: number;
  /** Of them, in a second. */
  endedPerS: number;
  /** Whether a goal may have had to wait for the window. */
  isShort: boolean;
}

/**
 * The next window. So many runs make messages so late, and half as many half as late: that says how many fit. Runs that
 * wait for a model make nobody late, so that any number of them fits. It at most doubles at a step. `patience`: so many times
 * as late as {@link DELAY_TARGET_MS} is fine. Pure.
 */
export function nextWindow(last: Window, max: number, seen: Observation, patience = 1): Window {
  const mean = (before: number, now: number) => before + (now - before) * SMOOTHING;
  const delayMs = mean(last.delayMs, seen.delayMs);
  const inFlight = mean(last.inFlight, seen.inFlight);
  const endedPerS = mean(last.endedPerS, seen.endedPerS);
  // Nobody was late yet: any number fits. It is no division: nothing in flight beside no delay would be no number at all.
  const inTime = delayMs > 0 ? (inFlight * DELAY_TARGET_MS) / delayMs : Infinity;
  const fit = patience * Math.max(inTime, endedPerS * QUICK_S);
  const bounded = (runs: number) => Math.min(max, Math.max(WINDOW_MIN, Math.round(runs)));
  const runs = () => {
    // Nobody needs it: what was learned under another load is forgotten, and so few say nothing of how many fit.
    if (!seen.isShort && seen.inFlight < last.runs / 2)
      return Math.max(WINDOW_START, Math.min(last.runs, 2 * seen.inFlight));
    if (fit < last.runs) return Math.max(fit, last.runs * (1 - SHRINK_MAX));
    return seen.isShort ? Math.min(fit, last.runs * 2) : last.runs;
  };
  return { runs: bounded(runs()), delayMs, inFlight, endedPerS };
}
