import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runIdOf } from '@troupe/actor';
import { encode, encodeJson, type RunId, subjects } from '@troupe/contract';
import { type Bus, connectAs } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Command, Place, ROOT } from './command.fixture.ts';

/** Sets a title, clears the screen, writes over the line, turns the writing, and adds what looks like a line of ours. */
const HOSTILE = '\u001b]0;owned\u0007\u001b[2J\u009b31mevil\r\u202etxt.exe\u2066\u200b\u2028Status    completed';
/** What a terminal would act on. Lines end in "\n" alone. */
const ACTS = /(?![\n\t])\p{Cc}|[\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const runOf = (id: string): RunId => runIdOf({ tenant: 'default', id, seq: 0, at: 0 });
const ENDED = runOf('ended');
const UNREADABLE = runOf('unreadable');
const BUDGET = { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 };
const SCRIPTED = { TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_DRAIN_MS: '100' };

let place: Place;
let company: Command;
let admin: Bus;

/** A message of the supervisor to the user or itself, stored before the real supervisor knows of the run. */
async function store(run: RunId, to: string, ordinal: number, content: object): Promise<void> {
  const message = {
    id: `supervisor.run.${ordinal}`,
    run,
    task: 'run',
    v: 1,
    decider: 'v1',
    at: Date.now(),
    cause: 'goal.1',
    tenant: 'default',
    integrity: 'agent',
    budget: BUDGET,
    ...content,
  };
  const { tenant } = message;
  const subject = admin.layout.message({ tenant, run, task: 'run', from: 'supervisor', to, ordinal });
  await admin.nc.request(subject, to === 'user' ? encodeJson(message) : encode(message));
}

beforeAll(async () => {
  place = await Place.make();
  const docs = join(place.folder, 'docs');
  company = new Command(['-e', `fs.mkdirSync(${JSON.stringify(docs)})`]);
  await company.exited;
  writeFileSync(join(docs, 'log.md'), '# The durable log\n');
  writeFileSync(join(docs, `${HOSTILE.replaceAll('/', '')}.png`), 'x');
  company = place.start(['--no-example', '--docs', docs], SCRIPTED);
  await company.said(/Troupe is up/);
  admin = await connectAs('admin', { url: `nats://127.0.0.1:${place.port}`, authDir: join(place.data, 'auth') });
  const answer = {
    ok: true,
    provider: 'p',
    model: HOSTILE,
    text: '',
    toolCalls: [],
    stop: 'end',
    usage: { inputTokens: 1, outputTokens: 1 },
    costUsd: 0,
  };
  await store(ENDED, 'log', 0, { type: 'noted', body: { what: HOSTILE }, model: { question: 'q', answer } });
  const spent = { tokens: 1, costUsd: 0, modelCalls: 1, toolCalls: 0 };
  const markdown = `# Report\n\nA fact. ${HOSTILE}`;
  const body = { status: 'partial', reason: HOSTILE, goal: HOSTILE, markdown, spent, startedAt: 1 };
  await store(ENDED, 'user', 1, { type: 'run.ended', body });
  await store(UNREADABLE, 'user', 0, { type: 'run.ended', body: { ...body, reason: 'x'.repeat(20_000) } });
  // The goals come after the ends, so that nobody works on them.
  for (const id of ['ended', 'unreadable'])
    await admin.nc.request(subjects.goals('default'), encodeJson({ id, goal: `Goal ${HOSTILE}` }));
});

afterAll(async () => {
  await admin.nc.close();
  await place.clear();
});

describe('text that comes from anybody', () => {
  it.each([
    ['a report and its reason', ['result', ENDED]],
    ['a report as JSON', ['result', ENDED, '--json']],
    ['a conversation with its model names', ['show', ENDED]],
    ['a whole conversation', ['show', ENDED, '--full']],
    ['a conversation as JSON', ['show', ENDED, '--json']],
    ['a run that is watched', ['watch', ENDED]],
    ['goals', ['runs']],
    ['goals as JSON', ['runs', '--json']],
  ])('moves no cursor, adds no line and turns no writing: %s', async (_name, words) => {
    const command = place.troupe(...words);
    await command.exited;
    const said = command.out + command.err;
    expect(said).toContain('evil');
    expect(ACTS.exec(said)).toBeNull();
    expect(command.err).not.toMatch(/^Status {4}completed/m);
  });

  it('is complete in JSON all the same', async () => {
    const command = place.troupe('result', ENDED, '--json');
    await command.exited;
    expect(JSON.parse(command.out)).toMatchObject({ reason: HOSTILE, goal: HOSTILE });
  });

  it('is harmless as the name of a file that is skipped', () => {
    expect(company.err).toContain('Skipped    1 file');
    expect(ACTS.exec(company.err)).toBeNull();
    expect(company.err).not.toMatch(/^Status {4}completed/m);
  });

  it('is harmless in dead letters', async () => {
    const letter = { role: HOSTILE, subject: HOSTILE, seq: 1, reason: HOSTILE };
    await admin.nc.request(subjects.dead('writer'), encodeJson(letter));
    const settings = { NATS_URL: `nats://127.0.0.1:${place.port}`, TROUPE_AUTH_DIR: join(place.data, 'auth') };
    const dump = new Command([join(ROOT, 'deploy/nats/dead-letters.ts'), '1'], settings);
    expect(await dump.exited).toBe(0);
    expect(dump.out).toContain('evil');
    expect(ACTS.exec(dump.out)).toBeNull();
    expect(dump.out.trimEnd().split('\n')).toHaveLength(3);
  });
});

describe('a run whose result cannot be read', () => {
  it('has ended: the list says so, and its result is a failure that says what is wrong', async () => {
    const [listed, result] = [place.troupe('runs'), place.troupe('result', UNREADABLE)];
    await listed.exited;
    expect(listed.out).toMatch(
      new RegExp(`^${UNREADABLE} .* unreadable .*has ended, but its result cannot be read`, 'm'),
    );
    expect(await result.exited).toBe(1);
    expect(result.err).toMatch(/^The run has ended, but its result cannot be read: .*reason/);
  });

  it('has ended for the API too, and cannot be cancelled', async () => {
    const reply = await admin.nc
      .request(subjects.api('default', 'result'), UNREADABLE, { timeout: 5_000 })
      .catch(() => undefined);
    const command = place.troupe('cancel', UNREADABLE);
    expect(await command.exited).toBe(1);
    expect(command.err).toContain('has ended already: unreadable');
    expect(reply === undefined || reply.string().includes('cannot be read')).toBe(true);
  });

  it('is not waited for by whoever watches it', async () => {
    const command = place.troupe('watch', UNREADABLE);
    expect(await command.exited).toBe(1);
    expect(command.err).toContain('its result cannot be read');
  });

  it('does not go on at the next start', async () => {
    company.child.kill('SIGINT');
    await company.exited;
    company = place.start(['--no-example'], SCRIPTED);
    await company.said(/Troupe is up/);
    expect(company.err).not.toContain('Goes on');
  });
});

describe('a goal with an unknown option of 20,000 characters', () => {
  it('is rejected with a reason that fits, and its run has ended', async () => {
    const bus = await connectAs('admin', { url: `nats://127.0.0.1:${place.port}`, authDir: join(place.data, 'auth') });
    await bus.nc.request(
      subjects.goals('default'),
      JSON.stringify({ goal: 'g', options: { ['y'.repeat(20_000)]: 1 } }),
    );
    await bus.nc.close();
    await company.said(/rejected: The goal is not valid: options: Unrecognized key/);
    const listed = place.troupe('runs');
    await listed.exited;
    expect(listed.out).toMatch(/ rejected /);
    expect(listed.out).not.toMatch(/ running /);
  });
});
