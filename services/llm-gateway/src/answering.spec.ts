import type { Answer, Question } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { Answering } from './answering.ts';
import { questionOf } from './providers/question.fixture.ts';

const answerTo = (text: string): Answer => ({
  ok: true,
  provider: 'test',
  model: 'test-1',
  text,
  toolCalls: [],
  stop: 'end',
  usage: { inputTokens: 1, outputTokens: 1 },
  costUsd: 0,
});
const failure: Answer = { ok: false, kind: 'unavailable', message: 'overloaded' };

/** A provider whose calls wait until the test settles them, in the order in which they came. */
function heldProvider() {
  const calls: { question: Question; signal: AbortSignal; settle: (answer: Answer) => void }[] = [];
  return {
    calls,
    provider: {
      name: 'held',
      ask: (question: Question, signal: AbortSignal) =>
        new Promise<Answer>((resolve) => {
          calls.push({ question, signal, settle: resolve });
        }),
    },
  };
}

const limits = { concurrency: 2, queueMax: 2, cacheMax: 2 };
const asking = (id: string) => questionOf({ id });
/** Lets the queue start what it may start. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('given a question under way', () => {
  it('when it is asked again, then both get the answer of one call', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, limits);
    const both = Promise.all([answering.answer(asking('a'), 'digest'), answering.answer(asking('a'), 'digest')]);
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]?.settle(answerTo('once'));
    expect(await both).toEqual([answerTo('once'), answerTo('once')]);
  });

  it('when something else is asked under its ID, then that is a question of its own', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, limits);
    void answering.answer(asking('a'), 'digest');
    void answering.answer(asking('a'), 'another digest');
    await turn();
    expect(calls).toHaveLength(2);
  });

  it('when it waits in the queue, then asking again joins it and takes no second place', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, { ...limits, concurrency: 1 });
    void answering.answer(asking('a'), 'digest');
    const waiting = [answering.answer(asking('b'), 'digest'), answering.answer(asking('b'), 'digest')];
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
    void new Answering(provider, limits).answer(questionOf({ id: 'a', timeoutMs: 1 }), 'digest');
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
    const answering = new Answering(provider, limits);
    for (const id of ['a', 'b', 'c', 'd']) void answering.answer(asking(id), 'digest');
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
    for (const id of ['a', 'b', 'c', 'd']) void answering.answer(asking(id), 'digest');
    expect(await answering.answer(asking('e'), 'digest')).toEqual({
      ok: false,
      kind: 'unavailable',
      message: '2 questions are waiting already',
    });
    expect(answering.waiting).toBe(2);
  });

  it('when the queue is full, then a question that is under way can still be joined', async () => {
    const { calls, provider } = heldProvider();
    const answering = new Answering(provider, limits);
    for (const id of ['a', 'b', 'c', 'd']) void answering.answer(asking(id), 'digest');
    const joined = answering.answer(asking('a'), 'digest');
    calls[0]?.settle(answerTo('a'));
    expect(await joined).toEqual(answerTo('a'));
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
    expect(await answering.answer(asking('a'), 'digest')).toEqual(await answering.answer(asking('a'), 'digest'));
    expect(asked).toEqual(['a']);
    expect(seen).toHaveLength(1);
  });

  it('when an answer was a failure, then it is not kept: asking again asks the model again', async () => {
    const { asked, seen, answering } = await answered(failure, answerTo('good'));
    expect(await answering.answer(asking('a'), 'digest')).toEqual(failure);
    expect(await answering.answer(asking('a'), 'digest')).toEqual(answerTo('good'));
    expect(asked).toEqual(['a', 'a']);
    expect(seen).toEqual([failure, answerTo('good')]);
  });

  it('when more are kept than may be, then the oldest is forgotten', async () => {
    const { asked, answering } = await answered();
    for (const id of ['a', 'b', 'c', 'b', 'c', 'a']) await answering.answer(asking(id), 'digest');
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });
});

describe('given a provider that breaks its promise and throws', () => {
  it('when it is asked, then that is an answer too: nobody is left waiting', async () => {
    const provider = { name: 'broken', ask: () => Promise.reject(new Error('a bug')) };
    const answer = await new Answering(provider, limits).answer(asking('a'), 'digest');
    expect(answer.ok).toBe(false);
  });
});
