import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { citedNumbers } from '@troupe/agent';
import { decode, Message, parseRunSubject } from '@troupe/contract';
import { type BusSettings, connectAs, RunReader } from '@troupe/nats';
import type * as Launcher from '@troupe/scripts/cluster';
import { connect } from '@nats-io/transport-node';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DOCS, ROOT } from './command.fixture.ts';

const GOAL = 'What do refunds cost and how do battery ferries work? Use the translator for the report.';
const COPIED = ['services', 'shared', 'scripts', 'test/fixtures'];
const COPIED_FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.base.json', 'vitest.config.ts'];
/** Made by tools or, for the translator, by whoever has tried the README's example. */
const LEFT_OUT = new Set(['node_modules', '.troupe', '.turbo', 'translator']);
const RUN_MS_MAX = 15_000;
/** Longer than everything in it may take, so that it always comes to its end and stops what it has started. */
const RUN_AND_STOP_MS_MAX = 90_000;

const Result = z.looseObject({ body: z.looseObject({ status: z.string(), markdown: z.string() }) });
type RunResult = z.infer<typeof Result>['body'];
const Fields = z.record(z.string(), z.unknown());
const Lock = z.looseObject({ packages: z.record(z.string(), z.unknown()) });

let copy: string;

/** A copy of the sources whose `@troupe` packages are the copied ones; all other packages are the real ones. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'troupe-new-role-'));
  const filter = (path: string) => !LEFT_OUT.has(basename(path));
  for (const name of [...COPIED, ...COPIED_FILES])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true, filter });
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@troupe'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@troupe' && name !== '.troupe-lock-hash')
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
  }
  for (const parent of ['services', 'shared']) {
    for (const name of readdirSync(join(copy, parent)))
      symlinkSync(join(copy, parent, name), join(modules, '@troupe', name), 'junction');
  }
});

afterAll(() => rmSync(copy, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));

const node = (...words: string[]) => spawnSync(process.execPath, words, { cwd: copy, encoding: 'utf8' });
const newRole = (...words: string[]) => node(join(copy, 'scripts', 'new-role.ts'), ...words);

/** The text of every file in the copy, by path. */
function sources(): Map<string, string> {
  const inFolders = COPIED.flatMap((folder) =>
    readdirSync(join(copy, folder), { recursive: true, withFileTypes: true }),
  )
    .filter((entry) => entry.isFile())
    .map((entry) => relative(copy, join(entry.parentPath, entry.name)));
  return new Map([...inFolders, ...COPIED_FILES].map((path) => [path, readFileSync(join(copy, path), 'latin1')]));
}

describe('npm run new-role', () => {
  it('makes one folder and tells npm of it, changes nothing else, and its test passes', () => {
    const before = sources();
    expect(newRole('translator', '--description', 'Translates the finished report.').status).toBe(0);
    const after = sources();
    const changed = [...after.keys()].filter((path) => after.get(path) !== before.get(path));
    expect([...before.keys()].filter((path) => !after.has(path))).toEqual([]);
    const outside = changed.filter((path) => !path.startsWith(join('services', 'translator', '/')));
    expect(outside.filter((path) => path !== 'package-lock.json')).toEqual([]);
    expect(changed.length).toBeGreaterThan(outside.length);
    const fields = (files: Map<string, string>) =>
      Object.keys(Fields.parse(JSON.parse(files.get('package-lock.json') ?? '')));
    expect(fields(after)).toEqual(fields(before));
    const { packages } = Lock.parse(JSON.parse(after.get('package-lock.json') ?? ''));
    expect(packages['node_modules/@troupe/translator']).toEqual({ resolved: 'services/translator', link: true });
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const { status, stdout } = node(vitest, 'run', '--root', copy, 'services/translator');
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/[1-9]\d* passed/) });
  });

  it.each([
    ['no name', [], /Give the role a name/],
    ['a name that is no subject token', ['Über.setzer'], /cannot be the name of a role/],
    ['an option that is none', ['x', '--bogus'], /^Unknown option '--bogus'\. See --help\.$/m],
    ['a name that is taken', ['writer'], /services\/writer is there already/],
  ])('refuses %s with a sentence, and changes nothing', (_what, words, sentence) => {
    const before = sources();
    const { status, stderr } = newRole(...words);
    expect(status).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(sources()).toEqual(before);
  });

  describe('given a run whose goal names the role', () => {
    let result: RunResult;
    let steps: string[];
    let writes: string[];

    beforeAll(async () => {
      // The copy's own launcher: nothing tells it where to look for roles.
      const launcher: typeof Launcher = await import(pathToFileURL(join(copy, 'scripts', 'cluster.ts')).href);
      const dataDir = join(copy, 'data');
      const env = { TROUPE_DOCS: DOCS, TROUPE_MODEL_PROVIDER: 'offline' };
      const ports = { natsPort: await getPort(), metricsPort: 0 };
      const cluster = await launcher.Cluster.start({ dataDir, ...ports, sync: '2m', replicas: 1, env });
      try {
        result = await resultOf(cluster.server.url);
        steps = await stepsOf('translator', cluster.server);
        writes = writesOf('translator', dataDir);
      } finally {
        await cluster.stop();
      }
    }, RUN_AND_STOP_MS_MAX);

    it('the role is given a task and completes it', () =>
      expect(steps).toEqual(['supervisor → translator: task.assigned', 'translator → supervisor: task.completed']));

    it('its credentials may write to the supervisor, itself and the log, and to nobody else', () =>
      expect(writes).toEqual(['log', 'supervisor', 'translator']));

    it('the run completes', () => expect(result.status).toBe('completed'));

    it('the citations of its report resolve to lines of the documents', () =>
      expectCitationsToResolve(result.markdown));
  });
});

/** Publishes the goal as somebody without credentials and waits for the result of its run. */
async function resultOf(url: string): Promise<RunResult> {
  const client = await connect({ servers: url });
  try {
    const result = new Promise<unknown>((resolve, reject) => {
      client.subscribe('troupe.results.default.>', {
        max: 1,
        timeout: RUN_MS_MAX,
        callback: (error, message) => (error === null ? resolve(message.json()) : reject(error)),
      });
    });
    client.publish('troupe.goals.default', JSON.stringify({ goal: GOAL }));
    return Result.parse(await result).body;
  } finally {
    await client.close();
  }
}

/** Every number in the text has a source, every source is cited, and stands for lines that are there. */
function expectCitationsToResolve(markdown: string): void {
  expect(markdown).toContain('\n## Sources\n');
  const [text = '', list = ''] = markdown.split('\n## Sources\n');
  const cited = list
    .trim()
    .split('\n')
    .map((line) => /^\[(\d+)\] (.+):(\d+)(?:-(\d+))?$/.exec(line));
  expect(cited.length).toBeGreaterThan(1);
  expect(citedNumbers(text).toSorted((a, b) => a - b)).toEqual(cited.map((_, index) => index + 1));
  for (const [index, source] of cited.entries()) {
    const [, number, path = '', start, end = start] = source ?? [];
    const lines = readFileSync(join(DOCS, path), 'utf8')
      .split('\n')
      .slice(Number(start) - 1, Number(end));
    expect({ number, isThere: lines.join('').trim() !== '' }).toEqual({ number: String(index + 1), isThere: true });
  }
}

/** What went to and from a role, in the order of the log. */
async function stepsOf(role: string, server: BusSettings): Promise<string[]> {
  const admin = await connectAs('admin', server);
  try {
    const steps = [];
    for await (const { subject, bytes } of new RunReader(admin).stored('all')) {
      const { from, to } = parseRunSubject(subject) ?? {};
      if (from === role || to === role) steps.push(`${from} → ${to}: ${Message.parse(decode(bytes)).type}`);
    }
    return steps;
  } finally {
    await admin.nc.close();
  }
}

/** Whom a role's credentials let it write to, as the server was told: its account's block, its publish permissions. */
function writesOf(role: string, dataDir: string): string[] {
  const config = readFileSync(join(dataDir, 'nats.conf'), 'utf8');
  const [, block = ''] = config.split(`  ROLE_${role} {\n`);
  const publish = /publish: \{ allow: \[(.*?)\]/.exec(block)?.[1] ?? '';
  const allowed = publish.split(', ').map((subject) => subject.replaceAll('"', ''));
  const writes = allowed.filter((subject) => /^(?:troupe\.runs|troupe\.\*|\*|>)/.test(subject));
  // What is not of this exact form stays whole, and so does not pass for the name of a recipient.
  return writes.map((subject) =>
    subject.replace(new RegExp(`^troupe\\.runs(?:\\.\\*){4}\\.${role}\\.([a-z-]+)\\.\\*$`), '$1'),
  );
}
