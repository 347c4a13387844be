// `npm start`: see `npm start -- --help`.
import { CommanderError } from 'commander';
import { EXIT, Failure, sentenceOf } from './cli/failure.ts';
import { createScreen } from './cli/screen.ts';
import { launch } from './start/launch.ts';
import { parseOptions } from './start/options.ts';

/** npm runs scripts in the project's folder and says here where the user is. */
const cwd = process.env['INIT_CWD'] ?? process.cwd();

try {
  process.exitCode = await launch(parseOptions(process.argv.slice(2), cwd, process.env), cwd);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.completed : EXIT.usage;
  } else {
    createScreen(false).failure(sentenceOf(error));
    process.exitCode = error instanceof Failure ? error.exitCode : EXIT.failed;
  }
}
