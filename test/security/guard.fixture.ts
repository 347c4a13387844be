import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  type Content,
  decode,
  encode,
  Message,
  messageId,
  type SealedEvidence,
  type Token,
  type Warrant,
} from '@troupe/contract';
import { readKeys } from '@troupe/nats';
import { evidenceSealer, warrantSigner, type WarrantTerms } from '@troupe/signing';
import { ownKeysOnly } from './own-keys.fixture.ts';
import { must, RUN, runSubject, type SecuredBus } from './secured-bus.fixture.ts';

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
}

/** A real policy-guard process with its own keys only, and the hands of those who write to it. */
export class GuardProcess {
  readonly #bus: SecuredBus;
  readonly #child: ChildProcess;
  readonly #written: Message[] = [];
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
    bus.admin.subscribe('troupe.runs.*.*.policy-guard.>', {
      callback: (error, message) => {
        if (error === null) this.#written.push(Message.parse(decode(message.data)));
      },
    });
  }

  /** The supervisor's word for a task of the researcher's. */
  warrant(task: Token, terms: Partial<WarrantTerms> = {}, run = RUN): Warrant {
    const all = { tools: ['search_documents'], toolCalls: 4, deadlineAt: Date.now() + 60_000 };
    return this.#sign({ run, task, tenant: 'default', assignee: 'researcher' }, { ...all, ...terms });
  }

  /** A passage that a tool returned. */
  sealed(text: string, run = RUN): SealedEvidence {
    return this.#seal(run, { path: 'a.md', startLine: 1, endLine: 1, text });
  }

  /** Writes as the researcher, with its credentials; returns the ID of the message. */
  async ask({ run = RUN, task = 't1', call = 'c1', tool = 'search_documents', warrant, at = Date.now() }: Asked) {
    const body = {
      call,
      modelCall: 'm1',
      tool,
      arguments: { query: 'ferries' },
      ...(warrant === undefined ? {} : { warrant }),
    };
    return await this.#write('researcher', { type: 'tool.requested', body }, { run, task, at });
  }

  /** Proposes a report with the supervisor's credentials. */
  async propose(markdown: string, sources: SealedEvidence[], run: string): Promise<string> {
    const content: Content = { type: 'output.proposed', body: { goal: 'Ferries', markdown, sources } };
    return await this.#write('supervisor', content, { run, task: 'run', at: Date.now() });
  }

  async #write(from: string, content: Content, { run, task, at }: { run: string; task: string; at: number }) {
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
      tenant: 'default',
      budget: { tokens: 100, toolCalls: 200, steps: 1, deadlineAt: at + 3_600_000 },
      integrity: 'outside',
    };
    await must(this.#bus.as(from), runSubject(from, 'policy-guard', ordinal, task, run), encode(message));
    return id;
  }

  /** What the guard wrote because of a message. */
  async decided(id: string): Promise<Message> {
    const deadline = Date.now() + DECIDED_MS_MAX;
    for (;;) {
      const found = this.#written.find(({ cause }) => cause === id);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`the guard decided nothing on ${id}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
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
