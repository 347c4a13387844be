import { styleText } from 'node:util';
import { formatLine, type ProgressLine } from './progress.ts';
import { terminalText } from './terminal-text.ts';

/** The time column of a progress line. */
const TIME_CHARS = 9;

/**
 * Where the commands speak: results on standard output, everything else on standard error. This is the one door to the
 * terminal: whatever text comes, it leaves as {@link terminalText}.
 */
export interface Screen {
  readonly quiet: boolean;
  /** The report or what was asked for. Resolves when it is written. */
  result(text: string): Promise<void>;
  /** What happens in a run. `tag` names the run where several are shown. */
  progress(line: ProgressLine, tag?: string): void;
  note(text: string): void;
  /** Less important than a note; colour says so. */
  aside(text: string): void;
  failure(text: string): void;
}

/** `quiet`: only results and failures. Colours only on a terminal, and never with NO_COLOR. */
export function createScreen(quiet: boolean): Screen {
  const { stdout, stderr } = process;
  // Whoever reads may have stopped reading (`| head`): that is no failure of ours.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  const paint = (style: 'dim' | 'red' | 'cyan', text: string): string => styleText(style, text, { stream: stderr });
  const say = (text: string) => {
    if (!quiet) stderr.write(`${text}\n`);
  };
  return {
    quiet,
    result: (text) => new Promise((resolve) => stdout.write(`${terminalText(text).trimEnd()}\n`, () => resolve())),
    progress: (line, tag) => {
      const text = terminalText(formatLine(line));
      const prefix = tag === undefined ? '' : `${paint('cyan', terminalText(tag))} `;
      say(`${prefix}${paint('dim', text.slice(0, TIME_CHARS))}${text.slice(TIME_CHARS)}`);
    },
    note: (text) => say(terminalText(text)),
    aside: (text) => say(paint('dim', terminalText(text))),
    failure: (text) => void stderr.write(`${paint('red', terminalText(text))}\n`),
  };
}
