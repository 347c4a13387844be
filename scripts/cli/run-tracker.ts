import type { Message, RunId } from '@troupe/contract';
import { endOf, type LogEntry, type RunEnd } from '@troupe/nats';
import { oneLine } from './one-line.ts';
import { RunProgress } from './progress.ts';
import type { Screen } from './screen.ts';

/** Runs whose progress is remembered at once; the oldest gives way. */
const RUNS_MAX = 1_000;
/** Ends that are kept for who asks late: they hold whole reports. The oldest gives way. */
const ENDS_MAX = 100;
const GOAL_CHARS_MAX = 100;

/** How a run is called where several are shown: the end of its ID, because IDs made together begin alike. */
const tagOf = (run: RunId): string => `…${run.slice(-4)}`;

/** Shows the progress of all runs whose entries it is given, and tells when one ends. */
export class RunTracker {
  readonly #screen: Screen;
  readonly #runs = new Map<RunId, RunProgress>();
  readonly #open = new Set<RunId>();
  readonly #waiting = new Map<RunId, (end: RunEnd) => void>();
  /** Ends that nobody has waited for yet: a run that goes on may end before somebody does. */
  readonly #ends = new Map<RunId, RunEnd>();
  /** The run that is the subject of the command: its lines need no tag. */
  #focus: RunId | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Resolves with the end of a run, also when its entry has come already. `focus`: its lines are shown without a tag. */
  ended(run: RunId, focus: boolean): Promise<RunEnd> {
    if (focus) this.#focus = run;
    const end = this.#ends.get(run);
    if (end !== undefined) return Promise.resolve(end);
    this.#open.add(run);
    return new Promise((resolve) => this.#waiting.set(run, resolve));
  }

  /** Runs that were seen or are expected, and have not ended. */
  get open(): number {
    return this.#open.size;
  }

  take(entry: LogEntry): void {
    const { run } = entry;
    const isFocus = run === this.#focus;
    const known = this.#runs.get(run);
    if (known === undefined && !isFocus) this.#announce(entry);
    const progress = known ?? this.#remember(run);
    for (const line of progress.take(entry)) this.#screen.progress(line, isFocus ? undefined : tagOf(run));
    const end = endOf(entry);
    if (end !== undefined) this.#ended(run, end, isFocus);
  }

  /** An entry that is known already: nothing of it is shown. */
  recall(entry: LogEntry): void {
    const { run } = entry;
    (this.#runs.get(run) ?? this.#remember(run)).take(entry);
    const end = endOf(entry);
    if (end !== undefined) this.#ended(run, end, run === this.#focus);
  }

  #announce({ run, read }: LogEntry): void {
    const goal = read.ok ? goalIn(read.message) : '';
    this.#screen.note(`Run ${run} (${tagOf(run)})${goal}`);
  }

  #remember(run: RunId): RunProgress {
    const [oldest] = this.#runs.keys();
    if (this.#runs.size >= RUNS_MAX && oldest !== undefined) {
      this.#runs.delete(oldest);
      this.#open.delete(oldest);
    }
    const progress = new RunProgress(run);
    this.#runs.set(run, progress);
    this.#open.add(run);
    return progress;
  }

  #ended(run: RunId, end: RunEnd, isFocus: boolean): void {
    const resolve = this.#waiting.get(run);
    this.#waiting.delete(run);
    this.#open.delete(run);
    const hasReport = end.kind === 'readable' && end.message.body.markdown !== '';
    if (!isFocus && hasReport) this.#screen.aside(`The report: npx troupe result ${run}`);
    if (resolve !== undefined) return resolve(end);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size >= ENDS_MAX && oldest !== undefined) this.#ends.delete(oldest);
    this.#ends.set(run, end);
  }
}

/** The goal that a message tells, in quotes; empty if it tells none. */
function goalIn({ type, body }: Message): string {
  if (type === 'run.started') return ` "${oneLine(body.goal.goal, GOAL_CHARS_MAX)}"`;
  return 'goal' in body && typeof body.goal === 'string' ? ` "${oneLine(body.goal, GOAL_CHARS_MAX)}"` : '';
}
