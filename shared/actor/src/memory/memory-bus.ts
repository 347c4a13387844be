import { encodeJson, LogLayout, parseRunSubject, subjects, type Token } from '@troupe/contract';
import type { DeadLetters } from '../ports.ts';
import type { RoleDeclaration } from '../role.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryConsumer } from './memory-consumer.ts';
import { MemoryJournal } from './memory-journal.ts';
import { MemoryMailbox } from './memory-mailbox.ts';
import { type Entry, MemoryStream } from './memory-stream.ts';
import { MemoryTimers } from './memory-timers.ts';
import { ProcessPorts } from './process-ports.ts';

export interface DeadLetter {
  role: Token;
  subject: string;
  seq: number;
  bytes: Uint8Array;
  reason: string;
}

export interface MemoryBusOptions {
  /** Unix ms at which the clock starts. */
  now?: number;
  /** After how long an unsettled delivery is delivered again. */
  ackWaitMs?: number;
}

interface RoleParts {
  consumers: MemoryConsumer[];
  timers: MemoryTimers;
}

const ACK_WAIT_MS = 5_000;

/** The bus in memory: the streams, consumers, timers and dead letters of all roles, on one clock moved by hand. */
export class MemoryBus {
  readonly clock: ManualClock;
  /** All shards are in one stream here. */
  readonly layout = new LogLayout(1);
  readonly runs: MemoryStream;
  readonly goals: MemoryStream;
  readonly timers: MemoryStream;
  readonly dead: DeadLetter[] = [];
  readonly journal: MemoryJournal;
  readonly #ackWaitMs: number;
  readonly #roles = new Map<Token, RoleParts>();

  constructor({ now = 0, ackWaitMs = ACK_WAIT_MS }: MemoryBusOptions = {}) {
    this.clock = new ManualClock(now);
    this.runs = new MemoryStream(this.clock);
    this.goals = new MemoryStream(this.clock);
    this.timers = new MemoryStream(this.clock);
    this.journal = new MemoryJournal(this.runs, this.layout);
    this.#ackWaitMs = ackWaitMs;
  }

  /** A process of a role: its own mailbox on the role's shared consumers. */
  connect(role: RoleDeclaration): ProcessPorts {
    const { consumers, timers } = this.#partsOf(role);
    return new ProcessPorts({
      mailbox: new MemoryMailbox(consumers),
      journal: this.journal,
      timers,
      deadLetters: this.#deadLettersOf(role.name),
      clock: this.clock,
    });
  }

  /** Stores a goal as a user publishes it; returns its sequence in `GOALS`. */
  publishGoal(tenant: Token, bytes: Uint8Array): number {
    return this.goals.store(subjects.goals(tenant), bytes).seq;
  }

  /** Stores a request to end a run. */
  cancel(run: string, tenant: Token = 'default'): void {
    this.goals.store(subjects.cancel(tenant, run), encodeJson({}));
  }

  /** Forgets how far every role has come, as consumers do that are deleted and made again. */
  makeConsumersAnew(): void {
    this.#roles.clear();
  }

  /** The log of a run, in order. */
  log(run: string): Entry[] {
    return this.runs.entries.filter(({ subject }) => parseRunSubject(subject)?.run === run);
  }

  /** Messages of all connected roles that are not settled. */
  get unsettled(): number {
    return this.#consumers().reduce((sum, { unsettled }) => sum + unsettled, 0);
  }

  /** Deliveries to all connected roles so far, repeated ones included. */
  get deliveries(): number {
    return this.#consumers().reduce((sum, { deliveries }) => sum + deliveries, 0);
  }

  /** When the next delivery is due, first or again, in Unix ms; `Infinity` if there is none. */
  get nextDeliveryAt(): number {
    return Math.min(Infinity, ...this.#consumers().map(({ nextDueAt }) => nextDueAt));
  }

  /** When the next timer is due, in Unix ms; `Infinity` if there is none. */
  get nextTimerAt(): number {
    return Math.min(Infinity, ...[...this.#roles.values()].map(({ timers }) => timers.nextDueAt));
  }

  #consumers(): MemoryConsumer[] {
    return [...this.#roles.values()].flatMap(({ consumers }) => consumers);
  }

  #deadLettersOf(role: Token): DeadLetters {
    return {
      bury: async (letter) => {
        await Promise.resolve();
        this.dead.push({ role, ...letter });
      },
    };
  }

  #partsOf(role: RoleDeclaration): RoleParts {
    const known = this.#roles.get(role.name);
    if (known !== undefined) return known;
    const time = { clock: this.clock, ackWaitMs: this.#ackWaitMs };
    const mine = (subject: string) => parseRunSubject(subject)?.to === role.name;
    const consumers = [new MemoryConsumer('runs', this.runs, mine, time)];
    if (role.takesGoals) {
      const due = (subject: string) => subject.endsWith(`.${role.name}`);
      consumers.push(new MemoryConsumer('goals', this.goals, () => true, time));
      consumers.push(new MemoryConsumer('due', this.timers, due, time));
    }
    const parts = { consumers, timers: new MemoryTimers(this.timers, this.clock, role.name) };
    this.#roles.set(role.name, parts);
    return parts;
  }
}
