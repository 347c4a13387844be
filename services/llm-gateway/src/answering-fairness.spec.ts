import { describe, expect, it } from 'vitest';
import { answerTo, ask, asking, failure, heldProvider, limits, MIB, turn } from './answering.fixture.ts';
import { Answering, ROLE_SHARE_MAX } from './answering.ts';
import { catalogueOf, failureOf, modelOf, replyOf, sayingProvider } from './calling/calling.fixture.ts';
import { Models } from './calling/models.ts';
import type { Seat } from './calling/seat.ts';
import { KEPT_SHARE } from './calling/slots.ts';

const roomy = { ...limits, queueMax: 1_000, queueBytesMax: 100 * MIB };

describe('given a model that says "too many" to everything', () => {
  const said = () => {
    const [a, b] = [sayingProvider('a', failureOf('rate_limited')), sayingProvider('b', replyOf())];
    const providerOf = ({ name }: { name: string }) => (name === 'a' ? a : b);
    const catalogue = catalogueOf([modelOf('a'), modelOf('b')]);
    return { a, models: new Models({ name: 'ab', catalogue, available: new Set(['a-inc', 'b-inc']), providerOf }) };
  };

  it('when more questions wait for it than there may be calls, then those of another model are answered', async () => {
    const { a, models } = said();
    const answering = new Answering(models, { ...roomy, concurrency: 2 });
    const gone = new AbortController();
    const waiting = Array.from({ length: 6 }, (_, nth) =>
      ask(answering, asking(`x${nth}`, { model: 'a', timeoutMs: 3_600_000 }), {}, gone.signal),
    );
    await expect.poll(() => a.calls.length).toBeGreaterThan(0);
    expect(await ask(answering, asking('y', { model: 'b' }))).toMatchObject({ ok: true });
    expect(answering.waiting).toBe(6);
    gone.abort();
    await Promise.all(waiting);
    await expect.poll(() => [answering.waiting, answering.openBytes]).toEqual([0, 0]);
  });

  it('when their time is over, then they end, without a slot', async () => {
    const { models } = said();
    const answering = new Answering(models, { ...roomy, concurrency: 1 });
    const answers = await Promise.all(
      Array.from({ length: 3 }, (_, nth) => ask(answering, asking(`x${nth}`, { model: 'a', timeoutMs: 30 }))),
    );
    expect(answers.filter(({ ok }) => ok)).toEqual([]);
    expect([answering.waiting, answering.openBytes]).toEqual([0, 0]);
  });
});

describe('given questions that wait without their seats', () => {
  /** Rises at once, and sits down again when the test says so. */
  function restless() {
    const seated: string[] = [];
    const seats = new Map<string, { sit: () => void; settle: () => void }>();
    return {
      seated,
      seats,
      provider: {
        ask: (question: { id: string }, signal: AbortSignal, seat: Seat) => {
          const { promise, resolve } = Promise.withResolvers<ReturnType<typeof answerTo>>();
          const sit = () =>
            void seat.sit(signal).then((isHeld) => (isHeld ? seated.push(question.id) : resolve(failure)));
          seats.set(question.id, { sit, settle: () => resolve(answerTo(seat.read().id)) });
          seat.rise();
          return promise;
        },
      },
    };
  }

  it('when all want them back, then there are as many calls as there may be, and each has its own question', async () => {
    const { provider, seats, seated } = restless();
    const answering = new Answering(provider, { ...roomy, concurrency: 2 });
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const answers = ids.map((id) => ask(answering, asking(id)));
    for (const { sit } of seats.values()) sit();
    await turn();
    expect([seated, answering.waiting]).toEqual([['a', 'b'], 3]);
    for (const [nth, id] of ids.entries()) {
      seats.get(id)?.settle();
      await turn();
      expect(seated).toHaveLength(Math.min(ids.length, nth + 3));
    }
    expect((await Promise.all(answers)).map((answer) => answer.ok && answer.text)).toEqual(ids);
    expect(answering.waiting).toBe(0);
  });

  it('when one of them is given up while it wants its seat back, then it ends, and takes none', async () => {
    const { provider, seats, seated } = restless();
    const answering = new Answering(provider, { ...roomy, concurrency: 1 });
    const gone = new AbortController();
    const [, late] = [ask(answering, asking('a')), ask(answering, asking('b'), {}, gone.signal)];
    for (const { sit } of seats.values()) sit();
    gone.abort();
    expect(await late).toMatchObject({ kind: 'timeout' });
    seats.get('a')?.settle();
    await turn();
    expect([seated, answering.waiting, answering.openBytes]).toEqual([['a'], 0, 0]);
  });

  it('when they are as many as may be open, then one more is "unavailable"', async () => {
    const { provider } = restless();
    const answering = new Answering(provider, { ...limits, concurrency: 1, queueMax: 3 });
    for (const role of ['one', 'two']) for (const id of ['a', 'b']) void ask(answering, asking(id, { role }), { role });
    expect(await ask(answering, asking('c', { role: 'three' }), { role: 'three' })).toMatchObject({
      kind: 'unavailable',
      message: '4 questions are waiting already',
    });
  });
});

describe('given a role that asks in the name of many tenants', () => {
  const invented = (answering: Answering, count: number, text = '') =>
    Array.from({ length: count }, (_, nth) => {
      const tenant = `t${nth}`;
      return ask(answering, asking(`x${nth}`, { tenant, turns: [{ role: 'user', text }] }), { tenant });
    });
  const writer = { tenant: 'y', role: 'writer' };

  it('when its calls last, then another role has a call at once', () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...roomy, concurrency: 16 });
    void invented(answering, 100);
    expect(calls).toHaveLength(16 - 16 * KEPT_SHARE);
    void ask(answering, asking('w', writer), writer);
    expect(calls.at(-1)?.question.role).toBe('writer');
  });

  it('when its tenants wait, then another role is next, not last', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...roomy, concurrency: 1 });
    void invented(answering, 100);
    for (const id of ['w', 'v']) void ask(answering, asking(id, writer), writer);
    for (let nth = 0; nth < 4; nth += 1) {
      calls[nth]?.settle(answerTo('done'));
      await turn();
    }
    expect(calls.map(({ question }) => question.id)).toEqual(['x0', 'x1', 'w', 'x2', 'v']);
  });

  it('when it has its part of the places, then one more is "unavailable", and others have room', async () => {
    const answering = new Answering(heldProvider().provider, { ...roomy, concurrency: 10, queueMax: 90 });
    const last = invented(answering, 100 * ROLE_SHARE_MAX + 1).at(-1);
    expect(await last).toMatchObject({ kind: 'unavailable', message: '50 questions of researcher are open already' });
    void ask(answering, asking('w', writer), writer);
    expect(answering.openBytes).toBeGreaterThan(0);
    expect(answering.waiting).toBe(51 - 10);
  });

  it('when it has its part of the bytes, then one more is "unavailable", and others have room', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...roomy, concurrency: 100, queueBytesMax: MIB });
    const last = await invented(answering, 6, 'x'.repeat(100_000)).at(-1);
    expect(last).toMatchObject({ kind: 'unavailable' });
    expect(last?.ok === false && last.message).toContain(`at most ${MIB * ROLE_SHARE_MAX} may be`);
    void ask(answering, asking('w', { ...writer, system: 'x'.repeat(10_000) }), writer);
    expect(calls.at(-1)?.question.role).toBe('writer');
    calls[0]?.settle(failure);
    await turn();
    void ask(answering, asking('again', { turns: [{ role: 'user', text: 'x'.repeat(100_000) }] }));
    expect(calls.at(-1)?.question.id).toBe('again');
  });

  it('when one question is more than its part, then it has room for that one', () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...roomy, queueBytesMax: 120_000 });
    void invented(answering, 2, 'x'.repeat(100_000));
    expect(calls).toHaveLength(1);
  });
});
