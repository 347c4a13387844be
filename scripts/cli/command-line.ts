import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, CommanderError } from 'commander';
import { ROOT } from '../roles.ts';
import { EXIT, Failure, sentenceOf } from './failure.ts';
import { createScreen } from './screen.ts';

/** The version in package.json. */
export function version(): string {
  const found = /"version":\s*"([^"]+)"/.exec(readFileSync(join(ROOT, 'package.json'), 'utf8'))?.[1];
  return found ?? 'unknown';
}

/**
 * Runs a command line and gives its exit code. The actions set the code through `exit`; failures are shown as one
 * sentence each: wrong usage is 2, everything else what its Failure says, or 1.
 */
export async function runCommandLine(program: Command, words: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(words, { from: 'user' });
    return EXIT.completed;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    // commander has said it already; help and version come this way too, with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.completed : EXIT.usage;
    createScreen(false).failure(sentenceOf(error));
    return error instanceof Failure ? error.exitCode : EXIT.failed;
  }
}

/** How an action hands its exit code to {@link runCommandLine}. */
class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}

/** Ends an action with the exit code of its work. */
export async function exitWith(work: Promise<number>): Promise<never> {
  throw new Exit(await work);
}
