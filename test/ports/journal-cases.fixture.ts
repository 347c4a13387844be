import { type ActorScope, ConflictError, type Journal, TransientError } from '@troupe/actor';
import { encode, INTAKE, LOG, RUN_TASK, USER } from '@troupe/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { collect, countOf, Desk, supervisor, type World, NEVER_ABORTED } from './world.fixture.ts';

/** What every journal does. */
export function journalCases(world: () => World): void {
  describe('a journal', () => {
    let desk: Desk;
    let journal: Journal;
    let scope: ActorScope;
    const bytesOf = (what: string) => encode({ what });
    const addressOf = (ordinal: number, task = 't1') => ({
      ...desk.ref,
      task,
      from: desk.role.name,
      to: LOG,
      ordinal,
    });
    const append = (ordinal: number, expectedSeq: number, what = `m${ordinal}`, task = 't1', within = scope) =>
      journal.append(
        { scope: within, address: addressOf(ordinal, task), bytes: bytesOf(what), expectedSeq },
        NEVER_ABORTED,
      );

    beforeEach(async () => {
      desk = await Desk.open(world());
      ({ journal } = await desk.connect());
      scope = { ...desk.ref, task: 't1', role: desk.role.name };
    });

    it('stores the messages of an actor one after the other, each on the one before', async () => {
      const first = await append(0, 0);
      const second = await append(1, first);
      expect(second).toBeGreaterThan(first);
      expect(await journal.sent(scope, 0, second)).toMatchObject([
        { address: addressOf(0), seq: first, at: expect.any(Number), bytes: bytesOf('m0') },
        { address: addressOf(1), seq: second, at: expect.any(Number), bytes: bytesOf('m1') },
      ]);
    });

    it('refuses a message whose writer has not seen the last one, and stores nothing of it', async () => {
      const first = await append(0, 0);
      await expect(append(0, 0, 'other')).rejects.toThrow(ConflictError);
      await expect(append(1, 0)).rejects.toThrow(ConflictError);
      await expect(append(1, first + 1_000_000)).rejects.toThrow(ConflictError);
      expect(await journal.sent(scope, 0, first)).toHaveLength(1);
    });

    it('never stores a second message where one is, also when the writer has seen the last one', async () => {
      const first = await append(0, 0);
      await expect(append(0, first, 'rewritten')).rejects.toThrow(ConflictError);
      expect(await append(0, first)).toBe(first);
      expect(await journal.sent(scope, 0, first)).toMatchObject([
        { address: addressOf(0), seq: first, bytes: bytesOf('m0') },
      ]);
    });

    it('lets one of two writers win when both append at once', async () => {
      const outcomes = await Promise.allSettled([append(0, 0, 'one'), append(0, 0, 'two')]);
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      const [won = 0] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(await journal.sent(scope, 0, won)).toHaveLength(1);
    });

    it('answers a repeated append with the sequence of the first, also when more was written since', async () => {
      const first = await append(0, 0);
      expect(await append(0, 0)).toBe(first);
      const second = await append(1, first);
      expect(await append(0, 0)).toBe(first);
      expect(await journal.sent(scope, 0, second)).toHaveLength(2);
    });

    it('reads from an ordinal on, and nothing from beyond the end or of an actor that has not written', async () => {
      let seq = 0;
      for (let ordinal = 0; ordinal < 70; ordinal += 1) seq = await append(ordinal, seq);
      const ordinalsFrom = async (from: number, seqMin?: number) =>
        (await journal.sent(scope, from, seqMin)).map(({ address }) => address.ordinal);
      expect(await ordinalsFrom(0, seq)).toEqual(Array.from({ length: 70 }, (_, index) => index));
      expect(await ordinalsFrom(68, seq)).toEqual([68, 69]);
      expect(await ordinalsFrom(70)).toEqual([]);
      expect(await journal.sent({ ...scope, task: 't9' }, 0)).toEqual([]);
    });

    it('holds an actor of one task apart from the tasks beside it', async () => {
      await append(0, 0);
      const other = { ...scope, task: 't2' };
      const seq = await append(0, 0, 'm0', 't2', other);
      expect(await journal.sent(other, 0, seq)).toMatchObject([
        { address: addressOf(0, 't2'), seq, at: expect.any(Number), bytes: bytesOf('m0') },
      ]);
    });

    it('holds the messages of an actor per run together over all tasks', async () => {
      const perRun = { ...scope, task: '*' } as const;
      const first = await append(0, 0, 'm0', 't1', perRun);
      await expect(append(0, 0, 'm0', 't2', perRun)).rejects.toThrow(ConflictError);
      const second = await append(1, first, 'm1', 't2', perRun);
      expect(
        (await journal.sent(perRun, 0, second)).map(({ address: { task, ordinal } }) => `${task} ${ordinal}`),
      ).toEqual(['t1 0', 't2 1']);
    });

    it('finds what a role received by its ID, and nothing else', async () => {
      const { seq, bytes, id } = await desk.send('hello');
      // In a cluster the server that is asked may lag behind the one that stored it.
      await expect.poll(() => journal.received(desk.ref, id, desk.role.name)).toBeDefined();
      const stored = await journal.received(desk.ref, id, desk.role.name);
      expect(stored).toMatchObject({ seq, address: { from: 'sender', to: desk.role.name, ordinal: 0 } });
      expect(Buffer.from(stored?.bytes ?? []).equals(bytes)).toBe(true);
      expect(await journal.received(desk.ref, 'sender.t1.1', desk.role.name)).toBeUndefined();
      expect(await journal.received(desk.ref, 'goal.1', desk.role.name)).toBeUndefined();
    });

    it('gives a message the time that its delivery had: who reads it again decides the same', async () => {
      const ports = await desk.connect();
      const deliveries = await collect(ports);
      const { id, seq } = await desk.send('hello');
      await world().soon('it arrives', () => countOf(deliveries, seq) === 1);
      const stored = await journal.received(desk.ref, id, desk.role.name);
      expect(stored?.at).toBe(deliveries[0]?.at);
      deliveries[0]?.ack();
    });

    it('holds what the intake took in for its role, once, whoever takes it in again', async () => {
      const takeIn = (ports: { journal: Journal }, what: string) => {
        const address = { ...desk.ref, task: RUN_TASK, from: INTAKE, to: desk.role.name, ordinal: 0 };
        const by = { ...desk.ref, task: RUN_TASK, role: INTAKE };
        return ports.journal.append({ scope: by, address, bytes: bytesOf(what), expectedSeq: 0 }, NEVER_ABORTED);
      };
      const other = await desk.connect();
      const seq = await takeIn({ journal }, 'a goal');
      expect(await takeIn(other, 'a goal')).toBe(seq);
      await expect(takeIn(other, 'another')).rejects.toThrow(ConflictError);
      const stored = await journal.received(desk.ref, `${INTAKE}.${RUN_TASK}.0`, desk.role.name);
      expect(stored).toMatchObject({ seq, address: { from: INTAKE, to: desk.role.name }, at: expect.any(Number) });
      expect(Buffer.from(stored?.bytes ?? []).equals(bytesOf('a goal'))).toBe(true);
    });

    it('says that a run is not archived while nobody has archived it', async () => {
      await append(0, 0);
      expect(await journal.isArchived(desk.ref)).toBe(false);
    });

    it('knows the last sequence of an actor, and of the intake, without reading them and without writing anything', async () => {
      expect(await journal.lastSeq(scope, LOG)).toBe(0);
      const first = await append(0, 0);
      expect(await journal.lastSeq(scope, LOG)).toBe(first);
      expect(await journal.lastSeq({ ...scope, task: '*' }, LOG)).toBe(first);
      expect(await journal.lastSeq({ ...scope, task: 't9' }, LOG)).toBe(0);
      const intake = { ...desk.ref, task: RUN_TASK, role: INTAKE };
      expect(await journal.lastSeq(intake, desk.role.name)).toBe(0);
      const address = { ...desk.ref, task: RUN_TASK, from: INTAKE, to: desk.role.name, ordinal: 0 };
      const bytes = bytesOf('a goal');
      const begun = await journal.append({ scope: intake, address, bytes, expectedSeq: 0 }, NEVER_ABORTED);
      expect(await journal.lastSeq(intake, desk.role.name)).toBe(begun);
      expect(await journal.sent(scope, 0, first)).toHaveLength(1);
    });

    it('reads up to where a message is known to be, and fails where there is none', async () => {
      const first = await append(0, 0);
      expect(await journal.sent(scope, 0, first)).toHaveLength(1);
      await expect(journal.sent(scope, 0, first + 1_000)).rejects.toThrow(TransientError);
    });

    it('says that a run has ended when its result is there, of this tenant’s run alone', async () => {
      const { journal: ending } = await world().connect(supervisor);
      const end = { ...desk.ref, task: RUN_TASK, role: supervisor.name };
      await append(0, 0);
      expect(await ending.hasEnded(desk.ref)).toBe(false);
      const address = { ...desk.ref, task: RUN_TASK, from: supervisor.name, to: USER, ordinal: 0 };
      await ending.append({ scope: end, address, bytes: bytesOf('a result'), expectedSeq: 0 }, NEVER_ABORTED);
      expect(await ending.hasEnded(desk.ref)).toBe(true);
      expect(await ending.hasEnded({ ...desk.ref, tenant: 'globex' })).toBe(false);
    });
  });
}
