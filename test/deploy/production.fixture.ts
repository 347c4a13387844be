import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServerBinary } from '@troupe/nats';
import { ROOT } from '@troupe/scripts/roles';
import getPort from 'get-port';
import { readCompose, withDefaults } from './compose.fixture.ts';

/** Where containers find their keys. */
const AUTH = '/etc/troupe/auth/';

/** What docker-compose.yml starts, as plain processes: the same commands, settings and credentials. */
export class Production {
  readonly folder = mkdtempSync(join(tmpdir(), 'troupe-production-'));
  readonly url: string;
  readonly #port: number;
  readonly #compose = readCompose();
  readonly #processes: ChildProcess[] = [];

  constructor(port: number) {
    this.#port = port;
    this.url = `nats://127.0.0.1:${port}`;
  }

  static async prepare(): Promise<Production> {
    const production = new Production(await getPort());
    production.makeCredentials();
    return production;
  }

  get authDir(): string {
    return join(this.folder, 'generated', 'auth');
  }

  /** `npm run nats-auth`, for this machine and a store in a temporary folder. */
  makeCredentials(): void {
    const out = join(this.folder, 'generated');
    const words = ['--out', out, '--host', '127.0.0.1', '--port', String(this.#port)];
    const store = ['--store', join(this.folder, 'store'), '--store-gb', '1'];
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'nats-auth.ts'), ...words, ...store], { stdio: 'pipe' });
  }

  startServer(): ChildProcess {
    const child = spawn(findServerBinary(undefined), ['-c', join(this.folder, 'generated', 'nats.conf')], {
      stdio: 'ignore',
    });
    this.#processes.push(child);
    return child;
  }

  /** Runs an operator's command to its end, and gives what it says. */
  operate(script: string): string {
    const env = { ...process.env, NATS_URL: this.url, TROUPE_AUTH_DIR: this.authDir };
    return execFileSync(process.execPath, [join(ROOT, script)], { encoding: 'utf8', timeout: 15_000, env });
  }

  /** One service of docker-compose.yml, with nothing but the keys that are given to it. */
  start(name: string): ChildProcess {
    const service = this.#compose.services[name];
    if (service === undefined) throw new Error(`docker-compose.yml has no ${name}`);
    const keys = join(this.folder, name);
    mkdirSync(keys, { recursive: true });
    for (const volume of service.volumes) {
      const [from = '', to = ''] = withDefaults(volume).split(':');
      if (!to.startsWith(AUTH)) continue;
      cpSync(join(this.folder, from.replace('./deploy/nats/', '')), join(keys, to.slice(AUTH.length)), {
        recursive: true,
      });
    }
    const environment = Object.entries(service.environment).map(([key, value]) => [key, this.#onThisMachine(value)]);
    const child = spawn(process.execPath, [join(ROOT, service.command[0] ?? '')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'], ...Object.fromEntries(environment), TROUPE_AUTH_DIR: keys },
    });
    this.#processes.push(child);
    return child;
  }

  /** A setting's value in a container, as it is here. */
  #onThisMachine(value: string): string {
    const places: Record<string, string> = {
      'nats://nats:4222': this.url,
      '9464': '0',
      '0.0.0.0': '127.0.0.1',
      '/etc/troupe/roles.json': join(this.folder, 'generated', 'roles.json'),
      '/docs': join(ROOT, 'test', 'fixtures', 'docs'),
      '/data': this.folder,
    };
    const text = withDefaults(value);
    return places[text] ?? text;
  }

  async stop(): Promise<void> {
    for (const child of this.#processes.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Resolves when a process has written a line with this text to its log. Rejects with its last words if it ends first. */
export function says(child: ChildProcess, text: string): Promise<void> {
  let written = '';
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`it ended: ${written.slice(-500)}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      written += chunk.toString();
      if (written.includes(text)) resolve();
    });
  });
}
