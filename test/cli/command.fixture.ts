import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';

export const ROOT = join(import.meta.dirname, '..', '..');
export const DOCS = join(ROOT, 'test', 'fixtures', 'docs');

const WAIT_MS_MAX = 30_000;

/** A command as a user's shell would run it, and all that it said. */
export class Command {
  readonly child: ChildProcess;
  readonly exited: Promise<number>;
  out = '';
  err = '';

  constructor(words: readonly string[], env: Record<string, string> = {}, cwd: string = tmpdir()) {
    const { INIT_CWD: _npm, NATS_URL: _url, TROUPE_DOCS: _docs, ...inherited } = process.env;
    this.child = spawn(process.execPath, [...words], {
      cwd,
      // The compile cache is where the bootstrap would put it: without one each start compiles everything again.
      env: { ...inherited, NO_COLOR: '1', NODE_COMPILE_CACHE: join(ROOT, '.troupe', 'compile-cache'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    this.exited = new Promise((resolve) =>
      this.child.once('close', (code, signal) => resolve(code ?? (signal === null ? -1 : -2))),
    );
  }

  /** Resolves when the command has said something like this on standard error. Rejects with all that it said. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = Date.now() + WAIT_MS_MAX;
    let isOver = false;
    void this.exited.then(() => (isOver = true));
    for (;;) {
      const found = pattern.exec(this.err);
      if (found !== null) return found;
      if (isOver || Date.now() > deadline)
        throw new Error(`it never said ${String(pattern)}:\n${this.err}\n${this.out}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** A place of its own for one Troupe: data folder, ports, and everything that was started in it. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'troupe-cli-'));
  readonly data = join(this.folder, 'data');
  readonly #started: Command[] = [];
  #port = 0;

  get port(): number {
    return this.#port;
  }

  static async make(): Promise<Place> {
    const place = new Place();
    place.#port = await getPort();
    return place;
  }

  /** `npm start -- <words>` with this place's port and data folder. */
  start(words: readonly string[], env: Record<string, string> = {}): Command {
    const own = ['--port', String(this.#port), '--data', this.data];
    // Metrics at any port: other tests start companies at the same time.
    return this.#run([join(ROOT, 'scripts', 'start.ts'), ...own, ...words], { TROUPE_METRICS_PORT: '0', ...env });
  }

  /** `npx troupe <words>` against this place. */
  troupe(...words: string[]): Command {
    const env = { NATS_URL: `nats://127.0.0.1:${this.#port}`, TROUPE_AUTH_DIR: join(this.data, 'auth') };
    return this.#run([join(ROOT, 'scripts', 'troupe.mjs'), ...words], env);
  }

  #run(words: string[], env: Record<string, string>): Command {
    const command = new Command(words, env, this.folder);
    this.#started.push(command);
    return command;
  }

  /** Process IDs of whatever still runs on this place's data folder: the server and role processes. */
  processes(): number[] {
    return processesWith(this.data);
  }

  /** Ends all that was started here, gently first, and removes the folder. */
  async clear(): Promise<void> {
    for (const { child } of this.#started) if (child.exitCode === null) child.kill('SIGTERM');
    await Promise.all(this.#started.map(({ exited }) => exited));
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Processes whose command line or environment names a folder. */
function processesWith(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => readOr(`/proc/${pid}/${file}`).includes(folder)))
    .map(Number);
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
