import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, encode, type Grant, Message, messageId } from '@troupe/contract';
import { digestArguments, grantSigner } from '@troupe/signing';
import { readKeys } from '@troupe/nats';
import { ownKeysOnly } from './own-keys.fixture.ts';
import { must, runSubject, type SecuredBus, TENANT } from './secured-bus.fixture.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'services', 'tool-executor', 'src', 'main.ts');
const DOCS = join(import.meta.dirname, '..', 'fixtures', 'docs');
const STOP_MS = 5_000;
const DECIDED_MS_MAX = 8_000;
const ARGS: Record<string, unknown> = { text: 'remember the ferries' };

export interface Delivered {
  grant: Grant;
  signature: string;
  args?: Record<string, unknown>;
  /** Where it is delivered to, if not to the run and task that it is for. */
  run?: string;
  task?: string;
  /** Under whose name it is delivered, if not {@link TENANT}. */
  tenant?: string;
}

/** A real tool-executor process, and the guard's hand to put grants into its mailbox. */
export class ExecutorProcess {
  readonly #bus: SecuredBus;
  readonly #child: ChildProcess;
  readonly #notes: string;
  readonly #written: Message[] = [];
  /** Ordinal of the guard's next message; unique over all runs, so that no two tests share a subject. */
  #next = 0;
  readonly sign: (grant: Grant) => string;

  constructor(bus: SecuredBus) {
    const { server, dataDir } = bus;
    this.#bus = bus;
    this.#notes = join(dataDir, 'notes', 'notes.jsonl');
    this.sign = grantSigner(readKeys(server.authDir, 'policy-guard'));
    this.#child = spawn(process.execPath, [MAIN], {
      env: {
        ...process.env,
        NATS_URL: server.url,
        TROUPE_AUTH_DIR: ownKeysOnly(bus, 'tool-executor'),
        TROUPE_DATA: join(dataDir, 'notes'),
        TROUPE_DOCS: DOCS,
        TROUPE_METRICS_PORT: '0',
      },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    bus.admin.subscribe('troupe.runs.*.*.*.*.tool-executor.>', {
      callback: (error, message) => {
        if (error === null) this.#written.push(Message.parse(decode(message.data)));
      },
    });
  }

  /** A grant for a note in a task of its own. */
  grant(task: string, run: string, different: Partial<Grant> = {}): Grant {
    return {
      tenant: TENANT,
      run,
      task,
      call: 'c1',
      tool: 'append_note',
      argumentsDigest: digestArguments(ARGS) ?? '',
      requester: 'researcher',
      policy: 'test-1',
      expiresAt: Date.now() + 60_000,
      ...different,
    };
  }

  /** Puts a grant into the executor's mailbox with the guard's credentials; returns the ID of the message. */
  async deliver({
    grant,
    signature,
    args = ARGS,
    run = grant.run,
    task = grant.task,
    tenant = TENANT,
  }: Delivered): Promise<string> {
    const ordinal = this.#next++;
    const id = messageId('policy-guard', task, ordinal);
    const message = {
      type: 'tool.granted',
      body: { grant, signature, arguments: args },
      id,
      run,
      task,
      v: 1,
      decider: 'v1',
      at: Date.now(),
      cause: messageId('researcher', task, 0),
      tenant,
      budget: { tokens: 100, toolCalls: 1, steps: 1, deadlineAt: Date.now() + 60_000 },
      integrity: 'outside',
    };
    await must(
      this.#bus.as('policy-guard'),
      runSubject('policy-guard', 'tool-executor', ordinal, task, { run, tenant }),
      encode(message),
    );
    return id;
  }

  /** What the executor wrote because of a message, when its last word on it is in the log. */
  async decided(id: string): Promise<Message[]> {
    const deadline = Date.now() + DECIDED_MS_MAX;
    for (;;) {
      const written = this.#written.filter(({ cause }) => cause === id);
      if (written.some(({ type }) => type === 'tool.returned' || type === 'grant.refused')) return written;
      if (Date.now() > deadline) throw new Error(`the executor decided nothing on ${id}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Delivers a grant and waits for what becomes of it. */
  async after(delivered: Delivered): Promise<Message[]> {
    return await this.decided(await this.deliver(delivered));
  }

  /** Lines that the tool has written for one task's call: how often it ran. */
  runs(call: string): number {
    if (!existsSync(this.#notes)) return 0;
    const lines = readFileSync(this.#notes, 'utf8').split('\n');
    return lines.filter((line) => line.includes(`"call":"${call}"`)).length;
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
