import { describe, expect, it, vi } from 'vitest';
import { answerTo, ask, asking, failure, heldProvider, limits, turn } from './answering.fixture.ts';
import { Answering } from './answering.ts';
import { systemClock } from './calling/clock.ts';

describe('given questions of several tenants', () => {
  const of = (tenant: string, id: string) => [asking(id, { tenant }), { tenant }] as const;

  it('when one tenant has many, then one of another is next but one, not last', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, concurrency: 1, queueMax: 100 });
    for (let nth = 0; nth < 10; nth += 1) void ask(answering, ...of('many', `m${nth}`));
    void ask(answering, ...of('one', 'o'));
    expect(answering.waitingTenants).toBe(2);
    for (let nth = 0; nth < 3; nth += 1) {
      calls[nth]?.settle(answerTo('done'));
      await turn();
    }
    expect(calls.map(({ question }) => question.id)).toEqual(['m0', 'm1', 'o', 'm2']);
  });
});

describe("given a question in somebody else's name", () => {
  it.each([{ tenant: 'other' }, { role: 'writer' }])(
    'when it comes from %j, then it is unauthorised',
    async (asker) => {
      const { calls, provider } = heldProvider();
      const answering = new Answering(provider, limits);
      expect(await ask(answering, asking('a'), asker)).toMatchObject({ ok: false, kind: 'unauthorised' });
      expect([calls.length, answering.openBytes]).toEqual([0, 0]);
    },
  );

  it('when the question is under way or answered, then the other neither joins it nor gets its answer', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, limits);
    const own = ask(answering, asking('a'));
    expect(await ask(answering, asking('a'), { tenant: 'other' })).toMatchObject({ kind: 'unauthorised' });
    calls[0]?.settle(answerTo('mine'));
    expect(await own).toEqual(answerTo('mine'));
    expect(await ask(answering, asking('a'), { tenant: 'other' })).toMatchObject({ kind: 'unauthorised' });
  });
});

describe('given askers that go', () => {
  it('when the last one has gone, then the call ends, and who asks again gets a call of its own', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, limits);
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [ask(answering, asking('a'), {}, first.signal), ask(answering, asking('a'), {}, second.signal)];
    first.abort();
    expect(await asked[0]).toMatchObject({ kind: 'timeout' });
    expect(calls[0]?.signal.aborted).toBe(false);
    second.abort();
    expect(await asked[1]).toMatchObject({ kind: 'timeout' });
    expect(calls[0]?.signal.aborted).toBe(true);
    const again = ask(answering, asking('a'));
    expect(calls).toHaveLength(2);
    calls[0]?.settle(failure);
    calls[1]?.settle(answerTo('again'));
    expect(await again).toEqual(answerTo('again'));
    expect(answering.openBytes).toBe(0);
  });

  it('when one stays that does not say whether it is there, then the call goes on', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, limits);
    const gone = new AbortController();
    const stays = ask(answering, asking('a'));
    void ask(answering, asking('a'), {}, gone.signal);
    gone.abort();
    calls[0]?.settle(answerTo('heard'));
    expect(await stays).toEqual(answerTo('heard'));
  });

  it('when the question still waited, then it is never asked, and its place is free', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, concurrency: 1 });
    const gone = new AbortController();
    void ask(answering, asking('a'));
    const waiting = ask(answering, asking('b'), {}, gone.signal);
    gone.abort();
    expect(await waiting).toMatchObject({ kind: 'timeout' });
    expect(answering.waiting).toBe(0);
    calls[0]?.settle(answerTo('a'));
    await turn();
    expect([calls.length, answering.openBytes]).toEqual([1, 0]);
  });

  it('when an asker had gone before, then nobody is asked', async () => {
    const { calls, provider } = heldProvider();
    expect(await ask(new Answering(provider, limits), asking('a'), {}, AbortSignal.abort())).toMatchObject({
      kind: 'timeout',
    });
    expect(calls).toHaveLength(0);
  });
});

describe('given a question that waits', () => {
  it('when its call begins, then only with the time that is left of its own', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, concurrency: 1 });
    void ask(answering, asking('a'));
    void ask(answering, asking('b', { timeoutMs: 60_000 }));
    const waitedFrom = performance.now();
    while (performance.now() - waitedFrom < 5) await turn();
    calls[0]?.settle(answerTo('a'));
    await turn();
    expect(calls[1]?.question.timeoutMs).toBeLessThanOrEqual(60_000 - 5);
  });

  it('when its time is over while all calls last, then it ends, and its place is free', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, concurrency: 1 });
    void ask(answering, asking('a'));
    const own = answering.openBytes;
    expect(await ask(answering, asking('b', { timeoutMs: 20 }))).toMatchObject({ ok: false, kind: 'timeout' });
    expect([calls.length, answering.waiting, answering.openBytes]).toEqual([1, 0, own]);
  });

  it('when it is no question, then it does not wait for a call', async () => {
    const { provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, concurrency: 1 });
    void ask(answering, asking('a'));
    expect(await ask(answering, new TextEncoder().encode('evil'))).toMatchObject({ kind: 'malformed' });
    expect(answering.waiting).toBe(0);
  });

  it('when its time is over before, then it times out and no model is asked', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, concurrency: 1 });
    void ask(answering, asking('a'));
    const late = ask(answering, asking('b', { timeoutMs: 1 }));
    const waitedFrom = performance.now();
    while (performance.now() - waitedFrom < 5) await turn();
    calls[0]?.settle(answerTo('a'));
    expect(await late).toMatchObject({ ok: false, kind: 'timeout' });
    expect(calls).toHaveLength(1);
  });
});

describe('given questions that were asked with a time of their own', () => {
  it('when they are answered, then nothing waits for that time any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { calls, provider } = heldProvider();
      const answering = new Answering(provider, limits);
      const answers = ['a', 'b'].map((id) => ask(answering, asking(id, { timeoutMs: 3_600_000 })));
      expect(vi.getTimerCount()).toBe(2);
      calls[0]?.settle(answerTo('a'));
      calls[1]?.settle(failure);
      await Promise.all(answers);
      await turn();
      expect(vi.getTimerCount()).toBe(0);
      const deadline = systemClock.deadline(3_600_000);
      deadline.clear();
      expect([vi.getTimerCount(), deadline.signal.aborted]).toEqual([0, false]);
    } finally {
      vi.useRealTimers();
    }
  });
});
