import type { Answer, Question } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { answerTo, ask, asking, failure, heldProvider, limits, MIB, turn } from './answering.fixture.ts';
import { Answering } from './answering.ts';

const ROLES = ['researcher', 'writer'];

describe('given a question under way', () => {
  it('when it is asked again, then both get the answer of one call', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, limits);
    const both = Promise.all([ask(answering, asking('a')), ask(answering, asking('a'))]);
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]?.settle(answerTo('once'));
    expect(await both).toEqual([answerTo('once'), answerTo('once')]);
  });

  it('when something else is asked under its ID, then that is a question of its own', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, limits);
    void ask(answering, asking('a'));
    void ask(answering, asking('a', { system: 'You are another.' }));
    await turn();
    expect(calls).toHaveLength(2);
  });

  it('when it waits in the queue, then asking again joins it and takes no second place', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, concurrency: 1 });
    void ask(answering, asking('a'));
    const waiting = [ask(answering, asking('b')), ask(answering, asking('b'))];
    await turn();
    expect(answering.waiting).toBe(1);
    calls[0]?.settle(answerTo('first'));
    await turn();
    calls[1]?.settle(answerTo('second'));
    expect(await Promise.all(waiting)).toEqual([answerTo('second'), answerTo('second')]);
    expect(calls).toHaveLength(2);
  });

  it('when it is asked of the provider, then with the time that it may take', async () => {
    const { calls, provider } = heldProvider();
    void ask(new Answering(provider, limits), asking('a', { timeoutMs: 1 }));
    await turn();
    const signal = calls[0]?.signal;
    await new Promise<void>((resolve) => {
      if (signal?.aborted === true) resolve();
      signal?.addEventListener('abort', () => resolve());
    });
    expect(signal?.aborted).toBe(true);
  });
});

describe('given more questions than may be asked at once', () => {
  it('when all calls are taken, then the others wait, in order', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, queueMax: 10 });
    for (const id of ['a', 'b', 'c', 'd']) void ask(answering, asking(id));
    await turn();
    expect(calls.map(({ question }) => question.id)).toEqual(['a', 'b']);
    expect(answering.waiting).toBe(2);
    calls[1]?.settle(answerTo('b'));
    await turn();
    expect(calls.map(({ question }) => question.id)).toEqual(['a', 'b', 'c']);
  });

  it('when the queue is full, then one more is answered "unavailable" at once, and takes no place', async () => {
    const { provider } = heldProvider();
    const answering = new Answering(provider, limits);
    for (const id of ['a', 'b']) for (const role of ROLES) void ask(answering, asking(id, { role }), { role });
    expect(await ask(answering, asking('e'))).toEqual({
      ok: false,
      kind: 'unavailable',
      message: '2 questions are waiting already',
    });
    expect(answering.waiting).toBe(2);
  });

  it('when the queue is full, then a question that is under way can still be joined', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, limits);
    for (const id of ['a', 'b']) for (const role of ROLES) void ask(answering, asking(id, { role }), { role });
    const joined = ask(answering, asking('a'));
    calls[0]?.settle(answerTo('a'));
    expect(await joined).toEqual(answerTo('a'));
  });
});

describe('given questions that are large', () => {
  const large = (id: string, role = 'researcher') =>
    asking(id, { role, turns: [{ role: 'user', text: 'x'.repeat(400_000) }] });

  it('when those that are open have all the bytes there may be, then one more is "unavailable" at once', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, concurrency: 1 });
    const first = ask(answering, large('a'));
    void ask(answering, large('b', 'writer'), { role: 'writer' });
    const refused = await ask(answering, large('c', 'critic'), { role: 'critic' });
    expect(refused).toMatchObject({ ok: false, kind: 'unavailable' });
    expect(refused.ok ? '' : refused.message).toContain(`at most ${MIB} may be`);
    await turn();
    calls[0]?.settle(answerTo('a'));
    await first;
    void ask(answering, large('d'));
    expect(answering.openBytes).toBeGreaterThan(800_000);
    expect(answering.openBytes).toBeLessThanOrEqual(MIB);
  });

  it('when a view is given that changes afterwards, then what was asked is asked', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, concurrency: 1 });
    void ask(answering, asking('a'));
    const read = asking('b');
    void ask(answering, read);
    read.fill(0);
    await turn();
    calls[0]?.settle(answerTo('a'));
    await turn();
    expect(calls[1]?.question.id).toBe('b');
  });
});

describe('given bytes that are no question', () => {
  it('when they are asked, then no model is, and they leave no place taken', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, limits);
    const answer = await ask(answering, new TextEncoder().encode('evil bytes'));
    expect(answer).toMatchObject({ ok: false, kind: 'malformed' });
    expect([calls.length, answering.openBytes]).toEqual([0, 0]);
  });
});

describe('given questions that were answered', () => {
  const answered = async (...answers: Answer[]) => {
    const asked: string[] = [];
    const seen: Answer[] = [];
    const provider = {
      name: 'listed',
      ask: (question: Question) => {
        asked.push(question.id);
        return Promise.resolve(answers[asked.length - 1] ?? answerTo(question.id));
      },
    };
    const answering = new Answering(provider, { ...limits, onAnswer: (answer) => seen.push(answer) });
    return { asked, seen, answering };
  };

  it('when one is asked again, then the answer is the same without another call, and is not counted twice', async () => {
    const { asked, seen, answering } = await answered();
    expect(await ask(answering, asking('a'))).toEqual(await ask(answering, asking('a')));
    expect(asked).toEqual(['a']);
    expect(seen).toHaveLength(1);
  });

  it('when an answer was a failure, then it is not kept: asking again asks the model again', async () => {
    const { asked, seen, answering } = await answered(failure, answerTo('good'));
    expect(await ask(answering, asking('a'))).toEqual(failure);
    expect(await ask(answering, asking('a'))).toEqual(answerTo('good'));
    expect(asked).toEqual(['a', 'a']);
    expect(seen).toEqual([failure, answerTo('good')]);
  });

  it('when more are kept than may be, then the oldest is forgotten', async () => {
    const { asked, answering } = await answered();
    for (const id of ['a', 'b', 'c', 'b', 'c', 'a']) await ask(answering, asking(id));
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });
});

describe('given answers that are large', () => {
  it('when they are more than may be kept, then the oldest are asked again', async () => {
    let calls = 0;
    const provider = {
      name: 'long',
      ask: () => {
        calls += 1;
        return Promise.resolve(answerTo('x'.repeat(20_000)));
      },
    };
    const answering = new Answering(provider, { ...limits, cacheMax: 100, cacheBytesMax: 90_000 });
    for (const id of ['a', 'b', 'c', 'c', 'b', 'a']) await ask(answering, asking(id));
    expect(calls).toBe(4);
  });

  it('when one holds itself, then it is not kept', async () => {
    const args: Record<string, unknown> = {};
    args['self'] = args;
    let calls = 0;
    const provider = {
      name: 'cyclic',
      ask: () => {
        calls += 1;
        return Promise.resolve({ ...answerTo(''), toolCalls: [{ id: 'a', name: 'b', arguments: args }] });
      },
    };
    const answering = new Answering(provider, limits);
    for (const id of ['a', 'a']) await ask(answering, asking(id));
    expect(calls).toBe(2);
  });
});

describe('given a provider that breaks its promise and throws', () => {
  it('when it is asked, then that is an answer too: nobody is left waiting', async () => {
    const provider = { name: 'broken', ask: () => Promise.reject(new Error('a bug')) };
    const answer = await ask(new Answering(provider, limits), asking('a'));
    expect(answer.ok).toBe(false);
  });
});
