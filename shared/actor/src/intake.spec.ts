import { encode, encodeJson, INTAKE, type RunId, USER } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writtenBy } from './audit.fixture.ts';
import type { Moment } from './memory/process-ports.ts';
import { quiet, settled } from './memory/settled.ts';
import type { ActorPorts } from './options.ts';
import { Rig, type RigOptions, RUN, TENANT } from './rig.fixture.ts';
import { declareRole } from './role.ts';
import { runIdOf } from './run-id.ts';
import { runTester } from './tester.fixture.ts';

/** Takes goals, and notes what comes of them. */
const role = declareRole({
  ...runTester,
  takesGoals: true,
  consumes: { 'run.started': [INTAKE], 'run.rejected': [INTAKE], 'cancel.requested': [INTAKE] },
});
const PATIENCE_MS = 5_000;

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

const start = (options: RigOptions = {}) => rig.start({ role, ...options });
const publish = (goal: object, tenant = TENANT) => rig.bus.publishGoal(tenant, encodeJson(goal));
const runOf = (id: string, tenant = TENANT): RunId => runIdOf({ tenant, id, seq: 0, at: 0 });
/** What the intake wrote, in the order of the log. */
const asked = () => writtenBy(INTAKE, rig.bus.runs.entries).map(({ to, message }) => ({ to, ...message }));
/** Who answered what: each of the intake's messages is taken in by the actor of its run, once. */
const marks = () => writtenBy(role.name, rig.bus.runs.entries).map(({ message: { run, cause } }) => [run, cause]);

/** A run that has begun: its ID. */
async function begun(id = 'mine', tenant = TENANT): Promise<RunId> {
  publish({ id, goal: 'g' }, tenant);
  await settled(rig.bus);
  return runOf(id, tenant);
}

describe('a goal', () => {
  it('is the first message of its run, from the intake, as the broker stored it', async () => {
    rig.bus.clock.advance(7_000);
    publish({ id: 'mine', goal: 'Explain ferries.', options: { preset: 'small' } });
    rig.bus.clock.advance(1_000);
    await start();
    await settled(rig.bus);
    const run = runOf('mine');
    expect(rig.bus.log(run)[0]?.subject).toBe(`troupe.runs.0.${TENANT}.${run}.run.intake.tester.0`);
    expect(asked()).toMatchObject([
      {
        to: 'tester',
        type: 'run.started',
        id: 'intake.run.0',
        cause: 'goal.1',
        at: 7_000,
        decider: 'v1',
        integrity: 'user',
        body: { goal: { id: 'mine', goal: 'Explain ferries.', options: { preset: 'small', revisions_max: 1 } } },
      },
    ]);
    expect(marks()).toEqual([[run, 'intake.run.0']]);
    expect(rig.bus.unsettled).toBe(0);
  });

  it('that cannot be read is the first message of a run too: it says why', async () => {
    rig.bus.publishGoal(TENANT, new TextEncoder().encode('{"goal":'));
    await start();
    await settled(rig.bus);
    const body = { reason: expect.stringContaining('broken JSON'), excerpt: '{"goal":' };
    expect(asked()).toMatchObject([{ type: 'run.rejected', id: 'intake.run.0', cause: 'goal.1', body }]);
    expect(marks()).toHaveLength(1);
  });

  it.each([
    ['an accepted', '{"goal":"g"}'],
    ['a rejected', '{"goal":'],
  ])('that is delivered twice begins its run once: %s one', async (_what, text) => {
    rig.bus.publishGoal(TENANT, new TextEncoder().encode(text));
    await start();
    await settled(rig.bus);
    const before = [...rig.bus.runs.entries];
    await rig.end();
    rig.bus.makeConsumersAnew();
    await start({ version: 'v2' });
    await settled(rig.bus);
    expect(rig.bus.runs.entries).toEqual(before);
    expect(before).toHaveLength(2);
  });

  it('that is published again with its id changes nothing, whatever it says: the run of the first goes on', async () => {
    await start();
    const run = await begun();
    publish({ id: 'mine', goal: 'another', options: { deadline_ms: 1_000, preset: 'small' } });
    publish({ id: 'mine', goal: 'g' });
    await settled(rig.bus);
    expect(asked()).toMatchObject([{ cause: 'goal.1', body: { goal: { goal: 'g' } } }]);
    rig.bus.cancel(run);
    await settled(rig.bus);
    expect(marks()).toEqual([
      [run, 'intake.run.0'],
      [run, 'intake.run.1'],
    ]);
    expect(rig.bus.dead).toEqual([]);
  });

  it('of one tenant is not that of another, though both have the same id', async () => {
    await start();
    const [ours, theirs] = [await begun('mine', 'acme'), await begun('mine', 'other')];
    rig.bus.cancel(ours, 'acme');
    await settled(rig.bus);
    expect(asked().map(({ tenant, run, type }) => [tenant, run, type])).toEqual([
      ['acme', ours, 'run.started'],
      ['other', theirs, 'run.started'],
      ['acme', ours, 'cancel.requested'],
    ]);
    expect(ours).not.toBe(theirs);
  });

  it('whose subject names no tenant is buried: there is nobody who could ask for its run', async () => {
    rig.bus.goals.store('troupe.goals.Not-A-Tenant', encode({ goal: 'g' }));
    rig.bus.goals.store('troupe.cancel.acme.not-a-run', encode({}));
    await start();
    await settled(rig.bus);
    expect(rig.bus.dead.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('the tenant "Not-A-Tenant"'),
      expect.stringContaining('"not-a-run" is not a run ID'),
    ]);
    expect(rig.bus.runs.entries).toEqual([]);
  });
});

describe('a request to cancel', () => {
  it('of a run that is under way is its second message, once', async () => {
    await start();
    const run = await begun();
    rig.bus.clock.advance(500);
    for (let times = 0; times < 3; times += 1) rig.bus.cancel(run);
    await settled(rig.bus);
    expect(asked().slice(1)).toMatchObject([
      { to: 'tester', type: 'cancel.requested', id: 'intake.run.1', run, cause: 'cancel.2', at: 500 },
    ]);
    expect(marks().slice(1)).toEqual([[run, 'intake.run.1']]);
  });

  it('that comes before its goal waits for it', async () => {
    await start();
    rig.bus.cancel(runOf('mine'));
    await quiet(rig.bus);
    expect(rig.bus.runs.entries).toEqual([]);
    rig.bus.clock.advance(PATIENCE_MS - 1_000);
    await begun();
    expect(asked().map(({ type, cause }) => [type, cause])).toEqual([
      ['run.started', 'goal.2'],
      ['cancel.requested', 'cancel.1'],
    ]);
  });

  it('that was stored for long with its goal, while nobody took goals, ends the run', async () => {
    publish({ id: 'mine', goal: 'g' });
    rig.bus.cancel(runOf('mine'));
    rig.bus.clock.advance(60_000);
    // Both are delivered at once, and the look for the run overtakes the write that begins it.
    const around = ({ journal, ...others }: ActorPorts): ActorPorts => {
      const append: typeof journal.append = (...call) => others.clock.wait(100).then(() => journal.append(...call));
      return { ...others, journal: { ...journal, append } };
    };
    await start({ around });
    await quiet(rig.bus);
    rig.bus.clock.advance(200);
    await settled(rig.bus);
    expect(asked().map(({ type }) => type)).toEqual(['run.started', 'cancel.requested']);
  });

  it('of a run that there is not is dropped after five seconds, not before, and writes nothing', async () => {
    await start();
    rig.bus.cancel(RUN);
    await quiet(rig.bus);
    rig.bus.clock.advance(PATIENCE_MS);
    await quiet(rig.bus);
    expect(rig.bus.unsettled).toBe(1);
    rig.bus.clock.advance(PATIENCE_MS);
    await quiet(rig.bus);
    expect(rig.bus.unsettled).toBe(0);
    expect(rig.bus.runs.entries).toEqual([]);
    expect(rig.bus.dead).toEqual([]);
  });

  it('in the name of another tenant writes nothing, neither in their run nor in one of that tenant', async () => {
    await start();
    const run = await begun();
    const before = [...rig.bus.runs.entries];
    rig.bus.cancel(run, 'stranger');
    await settled(rig.bus);
    expect(rig.bus.runs.entries).toEqual(before);
    expect(rig.bus.unsettled).toBe(0);
    expect(rig.bus.dead).toEqual([]);
  });

  it('of a run that has ended writes nothing', async () => {
    await start();
    const run = await begun();
    const result = { tenant: TENANT, run, task: 'run', from: 'supervisor', to: USER, ordinal: 0 };
    rig.bus.runs.store(rig.bus.layout.message(result), encode({}));
    const before = [...rig.bus.runs.entries];
    rig.bus.cancel(run);
    await settled(rig.bus);
    expect(rig.bus.runs.entries).toEqual(before);
  });
});

/** An accepted goal, a rejected one, and a request to cancel the first. */
function publishAll(): void {
  publish({ id: 'mine', goal: 'g' });
  rig.bus.publishGoal(TENANT, new TextEncoder().encode('{"goal":'));
  rig.bus.cancel(runOf('mine'));
}

describe('a process that dies while it takes what was published', () => {
  /** What the intake has written after all of it, and how many effects that took. */
  async function withoutCrash() {
    rig = new Rig();
    publishAll();
    const { process } = await start();
    await settled(rig.bus);
    const log = asked();
    await rig.end();
    return { log, effects: process.effects };
  }

  it('loses nothing and doubles nothing, at whichever append or ack, whatever version the next one is', async () => {
    const { log, effects } = await withoutCrash();
    expect(log.map(({ type }) => type)).toEqual(['run.started', 'run.rejected', 'cancel.requested']);
    for (const version of ['v1', 'v2'])
      for (let effect = 1; effect <= effects; effect += 1)
        for (const moment of ['before', 'after'] as const) {
          rig = new Rig();
          publishAll();
          const point = { effect, moment };
          const first = await start({ prepare: (process) => process.crashAt(effect, moment) });
          await quiet(rig.bus);
          expect({ point, crashed: first.process.crashed }).toEqual({ point, crashed: true });
          await start({ version });
          await settled(rig.bus);
          const ids = new Set(asked().map(({ decider: _decider, ...rest }) => rest));
          expect({ point, ids }).toEqual({ point, ids: new Set(log.map(({ decider: _decider, ...rest }) => rest)) });
          const counts = { written: asked().length, marked: marks().length, dead: rig.bus.dead.length };
          expect({ point, ...counts }).toEqual({ point, written: 3, marked: 3, dead: 0 });
          await rig.end();
        }
  });

  it.each<Moment>(['before', 'after'])('or whose append fails (%s it is stored) writes it once', async (moment) => {
    publishAll();
    await start({ prepare: (process) => process.failNextAppend(moment) });
    await settled(rig.bus);
    const types = asked().map(({ type }) => type);
    expect(types.toSorted()).toEqual(['cancel.requested', 'run.rejected', 'run.started']);
    expect(rig.bus.dead).toEqual([]);
  });
});

describe('two processes', () => {
  it('that take the same goals and cancels at the same time write each once', async () => {
    await start({ version: 'v1' });
    // Consumers of its own: it is delivered everything that the first one is delivered.
    rig.bus.makeConsumersAnew();
    await start({ version: 'v2' });
    for (let index = 0; index < 20; index += 1) publish({ id: `g-${index}`, goal: 'g' });
    for (let index = 0; index < 20; index += 1) rig.bus.cancel(runOf(`g-${index}`));
    await settled(rig.bus);
    const places = rig.bus.runs.entries.map(({ subject }) => subject);
    expect(new Set(places).size).toBe(places.length);
    const written = asked();
    for (const type of ['run.started', 'cancel.requested'])
      expect(written.filter((message) => message.type === type)).toHaveLength(20);
    expect(written).toHaveLength(40);
    expect(marks()).toHaveLength(40);
    expect(rig.bus.dead).toEqual([]);
  });

  it('of which one is slower than the ack wait begin the run once', async () => {
    const opened = Promise.withResolvers<void>();
    const slowly = (ports: ActorPorts): ActorPorts => ({
      ...ports,
      journal: { ...ports.journal, append: (...call) => opened.promise.then(() => ports.journal.append(...call)) },
    });
    publish({ id: 'mine', goal: 'g' });
    await start({ around: slowly });
    await quiet(rig.bus);
    await start({ version: 'v2' });
    rig.bus.clock.advance(PATIENCE_MS);
    await quiet(rig.bus);
    expect(asked()).toMatchObject([{ type: 'run.started', decider: 'v2' }]);
    opened.resolve();
    await settled(rig.bus);
    expect(asked()).toMatchObject([{ type: 'run.started', decider: 'v2' }]);
    expect(marks()).toHaveLength(1);
    expect(rig.bus.dead).toEqual([]);
  });
});
