import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { FaultInput } from '../models/faults.ts';
import type { ModelApi } from '../models/protocols.ts';
import { type Calls, Timed } from './models-calls.ts';

const MODELS = join(import.meta.dirname, '..', 'models', 'main.ts');
const CLIENT = join(import.meta.dirname, 'models-client.ts');

const Requests = z.object({
  total: z.int(),
  activeMax: z.int(),
  fates: z.record(z.string(), z.int()),
  questions: z.record(z.string(), z.int()),
  requests: z.array(z.object({ body: z.unknown() })),
});

/** A process that answers in lines. */
class Lines {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** It has no environment but this one: no key and no proxy of the machine. */
  constructor(args: readonly string[]) {
    const env = { PATH: process.env['PATH'] };
    const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  write(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  async next(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('A process ended while it was measured; its own words are above.');
    return JSON.parse(value);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((done) => this.#child.once('exit', done));
    this.#child.kill('SIGTERM');
    await gone;
  }
}

/** The strict server of one API, as a process of its own. */
export class ModelProcess {
  readonly origin: string;
  readonly #lines: Lines;

  private constructor(lines: Lines, origin: string) {
    this.#lines = lines;
    this.origin = origin;
  }

  static async start(api: ModelApi): Promise<ModelProcess> {
    const dialect = api === 'chat' ? ['--dialect', 'ollama'] : [];
    const lines = new Lines([MODELS, '--api', api, ...dialect]);
    const { origin } = z.object({ origin: z.url() }).parse(await lines.next());
    return new ModelProcess(lines, origin);
  }

  async requests(): Promise<z.infer<typeof Requests>> {
    return Requests.parse(await (await fetch(`${this.origin}/__requests`)).json());
  }

  async setFaults(faults: FaultInput): Promise<void> {
    const response = await fetch(`${this.origin}/__faults`, { method: 'POST', body: JSON.stringify(faults) });
    if (!response.ok) throw new Error(`The server refused its faults: ${await response.text()}`);
  }

  stop(): Promise<void> {
    return this.#lines.stop();
  }
}

/** The vendor's SDK alone in a process, without a gateway. */
export class DirectClient {
  readonly #lines: Lines;

  constructor(api: ModelApi, origin: string) {
    this.#lines = new Lines([CLIENT, api, origin]);
  }

  /** `body` is the JSON of the request of question 0. */
  async call(calls: Calls, body: string): Promise<Timed> {
    this.#lines.write(JSON.stringify({ ...calls, body }));
    return Timed.parse(await this.#lines.next());
  }

  stop(): Promise<void> {
    return this.#lines.stop();
  }
}
