import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm and the terminal both pass on one Ctrl-C: signals this close together are the same one. */
const SAME_MS = 1_000;

export interface Interrupts {
  /** Resolves with the exit code (128 + signal) at the first signal. */
  readonly first: Promise<number>;
  /** Whether a signal has come. */
  readonly happened: boolean;
  /** Calls back at a signal that is clearly another one: somebody is in a hurry. */
  onSecond(hurry: () => void): void;
}

/** Takes over Ctrl-C and its relatives for the rest of the process. */
export function catchInterrupts(now: () => number = () => performance.now()): Interrupts {
  let firstAt: number | undefined;
  let hurry = () => {};
  let resolveFirst: (code: number) => void = () => {};
  const first = new Promise<number>((resolve) => (resolveFirst = resolve));
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = now();
        resolveFirst(128 + constants.signals[signal]);
      } else if (now() - firstAt > SAME_MS) hurry();
    });
  }
  return {
    first,
    get happened() {
      return firstAt !== undefined;
    },
    onSecond: (call) => {
      hurry = call;
    },
  };
}
