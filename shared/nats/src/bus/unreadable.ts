const REPORT_EVERY_MS = 60_000;

/** What is told of messages that were ignored: `subject` and `reason` are of the newest, `count` since the last time. */
export type ReportUnreadable = (ignored: { subject: string; reason: string; count: number }) => void;

/**
 * Counts messages that could not be read and are ignored, and reports them at most once a minute: whoever can send
 * garbage must not be able to fill a log with it.
 */
export class Unreadable {
  readonly #report: ReportUnreadable;
  #count = 0;
  #reported = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(report: ReportUnreadable = () => undefined) {
    this.#report = report;
  }

  /** All that were ignored since the start. */
  get count(): number {
    return this.#count;
  }

  ignore(subject: string, reason: unknown, now: number = performance.now()): void {
    this.#count += 1;
    if (now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = now;
    const count = this.#count - this.#reported;
    this.#reported = this.#count;
    this.#report({ subject, reason: reason instanceof Error ? reason.message : String(reason), count });
  }
}
