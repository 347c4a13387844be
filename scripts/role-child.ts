import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { hangs } from './child/pulse.ts';
import { RotatingLog } from './child/rotating-log.ts';

export interface ChildOptions {
  name: string;
  main: string;
  /** Node's own flags. */
  flags: readonly string[];
  /** All that its environment has. */
  env: Record<string, string>;
  /** Its log (JSON lines) goes here, and beside it when it is full. */
  logFile: string;
  /** A process whose `/healthz` answers nothing for so long is killed and started again. 0: it is not watched. */
  hungMs: number;
  /** Is told in a sentence that a process was killed because it hung. */
  onHung?: (line: string) => void;
}

const RESTART_FIRST_MS = 50;
const RESTART_LONGEST_MS = 5_000;
/** A process that lived this long has started well: the next restart is quick again. */
const HEALTHY_MS = 5_000;
const READY_MS_MAX = 1_000;
const LAST_WORDS_CHARS_MAX = 2_000;

/** One life of the process: from its start to its end. */
interface Life {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly startedAt: number;
  /** Where it serves `/metrics`, `/healthz` and `/readyz`, once it has said so. */
  port: number | undefined;
  isOver: boolean;
}

/** One role process that is started again whenever it ends, with growing pauses if it ends at once, or hangs. */
export class RoleChild {
  #options: ChildOptions;
  readonly #log: RotatingLog;
  #life: Life | undefined;
  #stopping = false;
  #pauseMs = RESTART_FIRST_MS;
  #restarts = 0;
  #lastWords = '';

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#log = new RotatingLog(options.logFile);
  }

  get options(): ChildOptions {
    return this.#options;
  }

  get pid(): number | undefined {
    return this.#life?.child.pid;
  }

  /** Where the process that lives now serves `/metrics`; undefined until it has said so. */
  get port(): number | undefined {
    return this.#life?.port;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** The end of what the last process wrote: says why it could not start. */
  get lastWords(): string {
    return this.#lastWords;
  }

  start(): void {
    const { main, flags, env } = this.options;
    // A group of its own: Ctrl-C reaches the launcher alone, which drains the roles in order.
    const child = spawn(process.execPath, [...flags, main], {
      env: { ...env, TROUPE_EXIT_WITH_PARENT: '1' },
      // The end of stdin tells it that the launcher is gone, however that went; on stdout it says its port.
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const life: Life = { child, startedAt: Date.now(), port: undefined, isOver: false };
    this.#life = life;
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => {
      this.#lastWords = error.message;
      if (child.pid === undefined) this.#ended(life);
    });
    child.stdout.on('data', (chunk: Buffer) => {
      life.port ??= Number(/"metricsPort":(\d+)/.exec(chunk.toString())?.[1]) || undefined;
    });
    child.stderr.on('data', (chunk: Buffer) => this.#heard(chunk));
    child.once('exit', () => this.#ended(life));
    if (this.options.hungMs > 0) void this.#watch(life);
  }

  #heard(chunk: Buffer): void {
    this.#log.write(chunk);
    this.#lastWords = (this.#lastWords + chunk.toString()).slice(-LAST_WORDS_CHARS_MAX);
  }

  /** A message that hangs its process must not need a human. */
  async #watch(life: Life): Promise<void> {
    const { name, hungMs } = this.options;
    const isHung = await hangs(
      (timeoutMs) => this.#answers(life, '/healthz', timeoutMs),
      () => life.isOver || this.#stopping,
      hungMs,
    );
    if (!isHung) return;
    const seconds = Math.round(hungMs / 1_000);
    const { pid } = life.child;
    const msg = `The role ${name} (process ${pid}) has not answered for ${seconds} s: it is killed and started again.`;
    const line = { level: 50, role: name, pid, time: new Date().toISOString(), msg };
    this.#heard(Buffer.from(`${JSON.stringify(line)}\n`));
    this.options.onHung?.(msg);
    life.child.kill('SIGKILL');
  }

  #ended(life: Life): void {
    life.isOver = true;
    if (this.#stopping) return;
    const livedMs = Date.now() - life.startedAt;
    this.#pauseMs = livedMs > HEALTHY_MS ? RESTART_FIRST_MS : Math.min(RESTART_LONGEST_MS, this.#pauseMs * 2);
    this.#restarts += 1;
    setTimeout(() => {
      if (!this.#stopping) this.start();
    }, this.#pauseMs);
  }

  /** Whether the process that lives now says that it does its work. */
  async isReady(): Promise<boolean> {
    const life = this.#life;
    return life !== undefined && !life.isOver && (await this.#answers(life, '/readyz', READY_MS_MAX));
  }

  async #answers({ port }: Life, path: string, timeoutMs: number): Promise<boolean> {
    if (port === undefined) return false;
    const signal = AbortSignal.timeout(timeoutMs);
    return await fetch(`http://${this.#host()}:${port}${path}`, { signal }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
  }

  /** Where it listens, as an address to ask: one that listens everywhere is asked on the loopback address. */
  #host(): string {
    const host = this.options.env['TROUPE_METRICS_HOST'] || '127.0.0.1';
    if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
    return host.includes(':') ? `[${host}]` : host;
  }

  /** `kill -9`, as a crash would; it is started again. `quickly`: as a fault test wants it, without growing pauses. */
  crash(quickly = false): void {
    if (quickly) this.#pauseMs = RESTART_FIRST_MS / 2;
    this.#life?.child.kill('SIGKILL');
  }

  /** Drains it, as {@link stop} does, and starts it with other options: another build, another environment. */
  async replace(options: ChildOptions, graceMs: number): Promise<void> {
    this.#options = options;
    const life = this.#life;
    if (life?.child.pid !== undefined && !life.isOver) await endOf(life.child, graceMs);
  }

  /** Drains it; after `graceMs` it is killed. Resolves when it is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    const life = this.#life;
    if (life?.child.pid !== undefined && !life.isOver) await endOf(life.child, graceMs);
    this.#log.close();
  }
}

async function endOf(child: Life['child'], graceMs: number): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}
