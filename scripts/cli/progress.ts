import { type Message, type MessageOf, PlanSubmission, type RunId } from '@troupe/contract';
import { endOf, type LogEntry } from '@troupe/nats';
import { count, duration, oneLine } from './one-line.ts';
import { callPhrase, outcomePhrase, phraseOf } from './phrase.ts';

/** One thing that happened in a run, for people. */
export interface ProgressLine {
  run: RunId;
  /** Since the run began. */
  offsetMs: number;
  role: string;
  task: string;
  text: string;
}

const TEXT_CHARS_MAX = 110;
const TITLE_CHARS_MAX = 70;
/** A run ID tells when it was made; the clock that made it may be off, so a time further back is not believed. */
const AGE_MS_MAX = 10 * 60_000;

/** When the run began, Unix ms: its ID tells if it is a UUIDv7 made then, else its first message does. */
export function beginningOf(run: RunId, firstAt: number): number {
  const made = Number.parseInt(run.replaceAll('-', '').slice(0, 12), 16);
  return made <= firstAt && firstAt - made < AGE_MS_MAX ? made : firstAt;
}

/** Follows the log of one run and tells what is worth a line, in the order in which the entries are given. */
export class RunProgress {
  readonly run: RunId;
  #began = 0;
  #planned = false;
  readonly #times = new Map<string, number>();
  readonly #calls = new Map<string, MessageOf<'tool.requested'>>();

  constructor(run: RunId) {
    this.run = run;
  }

  /** The lines of the next entry of the log: none for entries that only other processes care for. */
  take(entry: LogEntry): ProgressLine[] {
    const at = entry.read.ok ? entry.read.message.at : entry.storedAt;
    if (this.#began === 0) this.#began = beginningOf(this.run, at);
    const end = endOf(entry);
    if (end?.kind === 'unreadable') return [this.#line(entry, '-', end.reason)];
    if (!entry.read.ok) return [this.#line(entry, '-', `${entry.read.id} cannot be read: ${entry.read.reason}`)];
    const { message } = entry.read;
    this.#times.set(message.id, message.at);
    if (message.type === 'tool.requested') this.#calls.set(callKey(message), message);
    const plan = this.#plan(entry, message);
    const text = this.#text(message, entry.to);
    return text === undefined
      ? plan
      : [
          ...plan,
          this.#line(entry, message.task, text + (message.type === 'task.assigned' ? '' : this.#cost(message))),
        ];
  }

  #plan(entry: LogEntry, message: Message): ProgressLine[] {
    if (this.#planned || message.type !== 'task.assigned') return [];
    this.#planned = true;
    const answer = message.model?.answer;
    const plan = PlanSubmission.safeParse(answer?.ok === true ? answer.toolCalls[0]?.arguments : undefined);
    if (!plan.success) return [];
    const roles = Map.groupBy(plan.data.tasks, ({ role }) => role);
    const shares = [...roles].map(([role, tasks]) => `${tasks.length} × ${role}`).join(', ');
    const text = `plans ${count(plan.data.tasks.length, 'task')}: ${shares}${this.#cost(message)}`;
    return [this.#line(entry, 'run', text)];
  }

  #text(message: Message, to: string): string | undefined {
    switch (message.type) {
      case 'run.started':
      case 'tool.requested':
      case 'tool.granted':
      case 'effect.started':
      case 'output.proposed':
      case 'noted':
        return undefined;
      case 'task.assigned':
        return `→ ${to} "${oneLine(message.body.title, TITLE_CHARS_MAX)}"${message.body.round > 1 ? ` (round ${message.body.round})` : ''}`;
      case 'tool.returned': {
        const request = this.#calls.get(callKey(message));
        if (request === undefined) return phraseOf(message);
        this.#calls.delete(callKey(message));
        const call = oneLine(callPhrase(request.body.tool, request.body.arguments), TEXT_CHARS_MAX - 30);
        return `${call} → ${oneLine(outcomePhrase(message), TEXT_CHARS_MAX)} (${duration(message.at - request.at)})`;
      }
      default:
        return phraseOf(message);
    }
  }

  /** What the model's answer behind a message cost: ` (1.20 s, 340 tokens)`. */
  #cost(message: Message): string {
    const answer = message.model?.answer;
    if (answer === undefined || !answer.ok) return '';
    const asked = this.#times.get(message.cause) ?? this.#began;
    const { inputTokens, outputTokens } = answer.usage;
    return ` (${duration(Math.max(0, message.at - asked))}, ${count(inputTokens + outputTokens, 'token')})`;
  }

  #line(entry: LogEntry, task: string, text: string): ProgressLine {
    const at = entry.read.ok ? entry.read.message.at : entry.storedAt;
    const role = entry.read.ok && entry.read.message.type === 'tool.returned' ? entry.to : entry.from;
    return { run: this.run, offsetMs: Math.max(0, at - this.#began), role, task, text };
  }
}

const callKey = ({ task, body: { call } }: { task: string; body: { call: string } }): string => `${task} ${call}`;

/** `   0.12 s  researcher     r1    search_documents …`: the columns stay in line for the usual names. */
export function formatLine({ offsetMs, role, task, text }: ProgressLine): string {
  const time = (offsetMs / 1_000).toFixed(2).padStart(7);
  return `${time} s  ${role.padEnd(13)} ${task.padEnd(11)} ${oneLine(text, 2 * TEXT_CHARS_MAX)}`;
}
