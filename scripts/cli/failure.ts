/** What the commands say by their exit code; `--help` lists them. `later` is EX_TEMPFAIL of sysexits.h. */
export const EXIT = { completed: 0, failed: 1, usage: 2, partial: 3, later: 75, interrupted: 130 } as const;

/** An end that the user can act on: its message is one sentence and is all that is shown. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

/** The exit code of a run that ended with this status. */
export function exitCodeOf(status: string): number {
  if (status === 'completed') return EXIT.completed;
  return status === 'partial' ? EXIT.partial : EXIT.failed;
}

/** The sentence in an error; never a stack. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
