import { parseArgs, type ParseArgsConfig } from 'node:util';
import { EXIT, sentenceOf } from './failure.ts';

/** The words of a small command. What it does not know ends the process with one sentence and the code of wrong usage. */
export function readWords<const Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // Behind the first sentence are Node's hints on quoting.
    const [sentence = ''] = sentenceOf(error).split('. ');
    process.stderr.write(`${sentence}. See --help.\n`);
    process.exit(EXIT.usage);
  }
}
