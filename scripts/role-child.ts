import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';

export interface ChildOptions {
  name: string;
  main: string;
  env: Record<string, string>;
  /** Its log (JSON lines) goes here. */
  logFile: string;
  /** Where it serves `/metrics` and `/readyz`; 0 if it chooses itself. */
  metricsPort: number;
}

const RESTART_FIRST_MS = 50;
const RESTART_LONGEST_MS = 5_000;
/** A process that lived this long has started well: the next restart is quick again. */
const HEALTHY_MS = 5_000;
const READY_MS_MAX = 1_000;

/** One role process that is started again whenever it ends, with growing pauses if it ends at once. */
export class RoleChild {
  readonly options: ChildOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;
  #stopping = false;
  #pauseMs = RESTART_FIRST_MS;
  #restarts = 0;
  #lastWords = '';

  constructor(options: ChildOptions) {
    this.options = options;
    this.#log = createWriteStream(options.logFile, { flags: 'a' });
    // A log that cannot be written (a full disk) must not end the launcher, and with it everything else.
    this.#log.on('error', () => undefined);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** The end of what the last process wrote: says why it could not start. */
  get lastWords(): string {
    return this.#lastWords;
  }

  start(): void {
    const started = Date.now();
    const { main, env } = this.options;
    // A group of its own: Ctrl-C reaches the launcher alone, which drains the roles in order.
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, ...env, TROUPE_EXIT_WITH_PARENT: '1' },
      // The end of stdin tells it that the launcher is gone, however that went.
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => {
      this.#lastWords = error.message;
      if (child.pid === undefined) this.#ended(0);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#log.write(chunk);
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-2_000);
    });
    child.once('exit', () => this.#ended(Date.now() - started));
  }

  #ended(livedMs: number): void {
    if (this.#stopping) return;
    this.#pauseMs = livedMs > HEALTHY_MS ? RESTART_FIRST_MS : Math.min(RESTART_LONGEST_MS, this.#pauseMs * 2);
    this.#restarts += 1;
    setTimeout(() => {
      if (!this.#stopping) this.start();
    }, this.#pauseMs);
  }

  /** Whether it says that it is connected. One without a known port cannot be asked: true. */
  async isReady(): Promise<boolean> {
    const { metricsPort } = this.options;
    if (metricsPort === 0) return true;
    const host = process.env['TROUPE_METRICS_HOST'] ?? '127.0.0.1';
    const signal = AbortSignal.timeout(READY_MS_MAX);
    return await fetch(`http://${host}:${metricsPort}/readyz`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** `kill -9`, as a crash would; it is started again. `quickly`: as a fault test wants it, without growing pauses. */
  crash(quickly = false): void {
    if (quickly) this.#pauseMs = RESTART_FIRST_MS / 2;
    this.#child?.kill('SIGKILL');
  }

  /** Drains it; after `graceMs` it is killed. Resolves when it is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await gone;
    clearTimeout(timer);
    this.#log.end();
  }
}
