import { randomBytes } from 'node:crypto';
import { decode, encode, MalformedError } from '@troupe/contract';
import { z } from 'zod';
import { DELAYS_SUBJECT } from '../broker/access.ts';
import type { Bus } from '../bus/connect.ts';
import { listen } from '../bus/listen.ts';
import type { Unreadable } from '../bus/unreadable.ts';
import { DELAY_MS_MAX, type Delay, Delays, type Meter } from './delays.ts';

/** Between two reports of a process. */
const REPORT_MS = 100;
/** A shorter delay is not worth telling: a company with little to do says nothing. */
const WORTH_MS = 4;
/** A report is forgotten after this long: whoever had more to tell would have. */
const FORGOTTEN_MS = 3 * REPORT_MS;
/** More are not remembered, and of those the latest: whoever has a role's seed may make them up. */
const PROCESSES_MAX = 64;

const Report = z.object({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  messages: z.int().min(1).max(1_000_000),
  ms: z
    .number()
    .min(0)
    .max(2 * DELAY_MS_MAX),
});

/** Tells those who take goals how late the messages of this process are. Wakes for nothing: it tells when a message comes. */
export class DelayReporter implements Meter {
  readonly #bus: Bus;
  readonly #id = randomBytes(6).toString('hex');
  readonly #delays = new Delays();
  #toldAt = 0;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  delivered(ms: number): void {
    const now = performance.now();
    this.#delays.delivered(ms, now);
    if (now - this.#toldAt < REPORT_MS) return;
    this.#toldAt = now;
    const delay = this.#delays.take(now);
    if (delay === undefined || delay.ms < WORTH_MS) return;
    this.#bus.outbox.publishNow(DELAYS_SUBJECT, encode({ id: this.#id, ...delay }));
  }

  sent(): () => void {
    const answered = this.#delays.sent(performance.now());
    return () => answered(performance.now());
  }
}

/** What the processes of other roles have told lately. */
export class DelayReports {
  readonly #told = new Map<string, Delay & { at: number }>();

  constructor(bus: Bus, unreadable: Unreadable) {
    listen(bus, DELAYS_SUBJECT, unreadable, ({ data }) => this.#heard(data));
  }

  /** Those that are not too old. */
  read(): Delay[] {
    const now = performance.now();
    for (const [id, { at }] of this.#told) if (now - at > FORGOTTEN_MS) this.#told.delete(id);
    return [...this.#told.values()];
  }

  #heard(data: Uint8Array): void {
    const report = Report.safeParse(decode(data));
    if (!report.success) throw new MalformedError('it is no report of delays');
    const { id, messages, ms } = report.data;
    if (this.#told.size >= PROCESSES_MAX && !this.#told.has(id)) {
      const [least] = [...this.#told].toSorted(([, one], [, other]) => one.ms - other.ms);
      if (least === undefined || least[1].ms >= ms) return;
      this.#told.delete(least[0]);
    }
    this.#told.set(id, { messages, ms, at: performance.now() });
  }
}
