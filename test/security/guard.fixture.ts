import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  type Content,
  decode,
  encode,
  idOfAddress,
  Message,
  messageId,
  parseRunSubject,
  type SealedEvidence,
  type Token,
  type Warrant,
} from '@troupe/contract';
import { readKeys } from '@troupe/nats';
import { evidenceSealer, warrantSigner, type WarrantTerms } from '@troupe/signing';
import { z } from 'zod';
import { ownKeysOnly } from './own-keys.fixture.ts';
import { must, type Place, RUN, runSubject, type SecuredBus, TENANT } from './secured-bus.fixture.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'services', 'policy-guard', 'src', 'main.ts');
const STOP_MS = 5_000;
const DECIDED_MS_MAX = 20_000;

/** A request for a tool as a compromised researcher may write it: all of it is its own to choose. */
export interface Asked {
  run?: string;
  task?: string;
  call?: string;
  tool?: string;
  warrant?: Warrant | undefined;
  /** What its clock says; the budget's deadline is an hour later. */
  at?: number;
  /** In whose name it writes, if not {@link TENANT}. */
  tenant?: string;
  /** What the message itself says of that, if another. */
  says?: string;
  /** The shard that it writes to, if not its run's. */
  shard?: number;
}

/** What of a dead letter says which message it was, and why. */
const Letter = z.object({ subject: z.string(), reason: z.string() });

/** A message's place: its task, and where that is. */
interface Written extends Place {
  run: string;
  task: string;
  at: number;
  says?: string | undefined;
}

/** A real policy-guard process with its own keys only, and the hands of those who write to it. */
export class GuardProcess {
  readonly #bus: SecuredBus;
  readonly #child: ChildProcess;
  readonly #written: Message[] = [];
  /** Why the guard buried a message, by its ID. */
  readonly #buried = new Map<string, string>();
  #next = 0;
  readonly #sign: ReturnType<typeof warrantSigner>;
  readonly #seal: ReturnType<typeof evidenceSealer>;

  constructor(bus: SecuredBus) {
    this.#bus = bus;
    this.#sign = warrantSigner(readKeys(bus.server.authDir, 'supervisor'));
    this.#seal = evidenceSealer(readKeys(bus.server.authDir, 'tool-executor'));
    this.#child = spawn(process.execPath, [MAIN], {
      env: {
        ...process.env,
        NATS_URL: bus.server.url,
        TROUPE_AUTH_DIR: ownKeysOnly(bus, 'policy-guard'),
        TROUPE_METRICS_PORT: '0',
      },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    bus.admin.subscribe('troupe.runs.*.*.*.*.policy-guard.>', {
      callback: (error, message) => {
        if (error === null) this.#written.push(Message.parse(decode(message.data)));
      },
    });
    bus.admin.subscribe('troupe.dead.policy-guard', {
      callback: (_error, message) => {
        const { subject, reason } = Letter.parse(message.json());
        const address = parseRunSubject(subject);
        if (address !== undefined) this.#buried.set(idOfAddress(address), reason);
      },
    });
  }

  /** The supervisor's word for a task of the researcher's. */
  warrant(task: Token, terms: Partial<WarrantTerms> = {}, run = RUN): Warrant {
    const all = { tools: ['search_documents'], toolCalls: 4, deadlineAt: Date.now() + 60_000 };
    return this.#sign({ run, task, tenant: TENANT, assignee: 'researcher' }, { ...all, ...terms });
  }

  /** A passage that a tool returned. */
  sealed(text: string, run = RUN): SealedEvidence {
    return this.#seal({ tenant: TENANT, run }, { path: 'a.md', startLine: 1, endLine: 1, text });
  }

  /** Writes as the researcher, with its credentials; returns the ID of the message. */
  async ask(asked: Asked): Promise<string> {
    const {
      run = RUN,
      task = 't1',
      call = 'c1',
      tool = 'search_documents',
      warrant,
      at = Date.now(),
      ...place
    } = asked;
    const body = {
      call,
      modelCall: 'm1',
      tool,
      arguments: { query: 'ferries' },
      ...(warrant === undefined ? {} : { warrant }),
    };
    return await this.#write('researcher', { type: 'tool.requested', body }, { ...place, run, task, at });
  }

  /** Proposes a report with the supervisor's credentials. */
  async propose(markdown: string, sources: SealedEvidence[], run: string): Promise<string> {
    const content: Content = { type: 'output.proposed', body: { goal: 'Ferries', markdown, sources } };
    return await this.#write('supervisor', content, { run, task: 'run', at: Date.now() });
  }

  async #write(from: string, content: Content, { at, task, says, ...place }: Written): Promise<string> {
    const { run, tenant = TENANT } = place;
    const ordinal = this.#next++;
    const id = messageId(from, task, ordinal);
    const message = {
      ...content,
      id,
      run,
      task,
      v: 1,
      decider: 'test',
      at,
      cause: messageId('supervisor', task, 0),
      tenant: says ?? tenant,
      budget: { tokens: 100, toolCalls: 200, steps: 1, deadlineAt: at + 3_600_000 },
      integrity: 'outside',
    };
    await must(this.#bus.as(from), runSubject(from, 'policy-guard', ordinal, task, place), encode(message));
    return id;
  }

  /** What the guard wrote because of a message. */
  decided(id: string): Promise<Message> {
    return until(id, () => this.#written.find(({ cause }) => cause === id));
  }

  /** Why the guard buried a message. */
  buried(id: string): Promise<string> {
    return until(id, () => this.#buried.get(id));
  }

  /** How many calls the guard has granted in a run, in whosever name and whatever task. */
  granted(run: string): number {
    return this.#written.filter((message) => message.type === 'tool.granted' && message.run === run).length;
  }

  async after(asked: Asked): Promise<Message> {
    return await this.decided(await this.ask(asked));
  }

  async stop(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(timer);
  }
}

/** Waits for what becomes of a message. */
async function until<T>(id: string, look: () => T | undefined): Promise<T> {
  const deadline = Date.now() + DECIDED_MS_MAX;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`the guard did nothing about ${id}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
