import type { Message, RunId } from '@troupe/contract';
import type { LogEntry } from '@troupe/nats';
import { oneLine } from './one-line.ts';
import { terminalText } from './terminal-text.ts';
import { phraseOf } from './phrase.ts';
import { beginningOf } from './progress.ts';

const TEXT_CHARS_MAX = 100;

/**
 * The log of a run as a table for people, one line per entry: time, sender → recipient, task, type, what it says, and
 * then its ID, the message that caused it, and the model's answer behind it. `full` keeps long texts, as lines below.
 */
export function conversationOf(run: RunId, log: readonly LogEntry[], full: boolean): string[] {
  const [first] = log;
  if (first === undefined) return [];
  const began = beginningOf(run, first.read.ok ? first.read.message.at : first.storedAt);
  const rows = log.map((entry) => rowOf(entry, began));
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map(({ cells }) => cells[column]?.length ?? 0)));
  return rows.flatMap(({ cells, text, trail, detail }) => {
    const columns = cells.map((cell, column) =>
      column === 0 ? cell.padStart(widths[0] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    const line = `${columns.join('  ')}  ${oneLine(text, full ? undefined : TEXT_CHARS_MAX)}  ${oneLine(trail)}`;
    return full && detail !== ''
      ? [
          line,
          ...terminalText(detail)
            .trimEnd()
            .split('\n')
            .map((below) => `    ${below}`),
        ]
      : [line];
  });
}

interface Row {
  cells: string[];
  text: string;
  trail: string;
  detail: string;
}

function rowOf({ storedAt, from, to, read }: LogEntry, began: number): Row {
  const time = (at: number) => `${((at - began) / 1_000).toFixed(3)} s`;
  const parties = `${from} → ${to}`;
  if (!read.ok)
    return {
      cells: [time(storedAt), parties, '-', '?'],
      text: `cannot be read: ${read.reason}`,
      trail: `[${read.id}]`,
      detail: '',
    };
  const { message } = read;
  return {
    cells: [time(message.at), parties, message.task, message.type],
    text: phraseOf(message),
    trail: `[${message.id} ← ${message.cause}${modelPhrase(message)}]`,
    detail: detailOf(message),
  };
}

function modelPhrase({ model }: Message): string {
  if (model === undefined) return '';
  const { answer } = model;
  if (!answer.ok) return `, model: ${answer.kind}`;
  return `, ${answer.model} ${answer.usage.inputTokens}+${answer.usage.outputTokens} tokens`;
}

/** The long text that a message carries, if it does. */
function detailOf(message: Message): string {
  switch (message.type) {
    case 'task.completed': {
      const { artifact } = message.body;
      if (artifact.kind === 'draft') return artifact.markdown;
      if (artifact.kind === 'critique') return artifact.reasons.join('\n');
      const claims = artifact.claims.map(
        ({ text, source: { path, startLine, endLine } }) => `- ${text} (${path}:${startLine}-${endLine})`,
      );
      return [...claims, ...artifact.gaps.map((gap) => `- gap: ${gap}`)].join('\n');
    }
    case 'tool.returned':
      return message.body.outcome.ok ? message.body.outcome.content : '';
    case 'output.proposed':
    case 'output.approved':
    case 'run.ended':
      return message.body.markdown;
    default:
      return '';
  }
}
