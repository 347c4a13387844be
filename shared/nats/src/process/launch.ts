/** Starts a process; a failure to start is one sentence on standard error and exit code 1. */
export function launch(start: () => Promise<unknown>): void {
  start().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
