import type { Answer } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { questionOf } from '../providers/question.fixture.ts';
import { failureOf, hanging, modelOf, replyOf, rigOf, type Said, sayingProvider } from './calling.fixture.ts';
import { BREAKER_FAILURES } from './breakers.ts';
import { HANG_MS } from './inquiry.ts';
import { TRIES_MAX } from './policy.ts';

const never = () => new AbortController().signal;

/** One model that says this. */
function one(...said: [Said, ...Said[]]) {
  const provider = sayingProvider('a', ...said);
  return { ...rigOf({ model: modelOf('a'), provider }), provider };
}

/** Two models, the second of which is asked when the first does not help. */
function two(first: [Said, ...Said[]], second: [Said, ...Said[]] = [replyOf({ text: 'From b.' })]) {
  const [a, b] = [sayingProvider('a', ...first), sayingProvider('b', ...second)];
  return { ...rigOf({ model: modelOf('a'), provider: a }, { model: modelOf('b'), provider: b }), a, b };
}

const kindOf = (answer: Answer) => (answer.ok ? 'ok' : answer.kind);

describe('given an answer that its limit cut off', () => {
  const cut = replyOf({ text: 'Beca', stop: 'length' });

  it('when there is room, then it is asked once more with four times the limit, and both are paid', async () => {
    const { models, provider } = one(cut, replyOf());
    const answer = await models.ask(questionOf({ outputTokensMax: 1_000 }), never());
    expect(answer).toMatchObject({ ok: true, stop: 'end', usage: { inputTokens: 200, outputTokens: 40 } });
    expect(provider.calls.map(({ outputTokensMax }) => outputTokensMax)).toEqual([1_000, 4_000]);
  });

  it('when the longer one is cut off too, then that is handed out', async () => {
    const { models, provider } = one(cut, replyOf({ text: 'Because o', stop: 'length' }));
    expect(await models.ask(questionOf(), never())).toMatchObject({ ok: true, stop: 'length', text: 'Because o' });
    expect(provider.calls).toHaveLength(2);
  });

  it('when the longer one fails, then the one that was cut off is handed out', async () => {
    const { models } = one(cut, failureOf('rejected'));
    expect(await models.ask(questionOf(), never())).toMatchObject({ ok: true, stop: 'length', text: 'Beca' });
  });

  it('when the model can write no more than that, then it is handed out at once', async () => {
    const { models, provider } = one(cut);
    expect(await models.ask(questionOf({ outputTokensMax: 20_000 }), never())).toMatchObject({ stop: 'length' });
    expect(provider.calls).toHaveLength(1);
  });

  it('when the budget leaves no more than that, then it is handed out at once', async () => {
    const { models, provider } = one({ ...cut, usage: { inputTokens: 300, outputTokens: 2_000 } });
    expect(await models.ask(questionOf({ tokensMax: 3_000 }), never())).toMatchObject({ stop: 'length' });
    expect(provider.calls).toHaveLength(1);
  });
});

describe("given a question's time", () => {
  it('when it is over during a call, then the call ends and the question times out', async () => {
    const { models, clock, provider } = one(hanging);
    const asked = models.ask(questionOf({ timeoutMs: 2_000 }), never());
    await Promise.resolve();
    clock.pass(2_000);
    expect(await asked).toEqual({ ok: false, kind: 'timeout', message: 'a: no answer within 2000 ms' });
    expect(provider.calls).toHaveLength(1);
  });

  it.each([
    ['long, then the model is left alone', HANG_MS, 'open'],
    ['too short to say anything, then it is not', HANG_MS - 1, 'closed'],
  ])('when many end in calls that were open for %s', async (_, timeoutMs, state) => {
    const { models, clock, breakers } = one(hanging);
    for (let nth = 0; nth < BREAKER_FAILURES; nth += 1) {
      const asked = models.ask(questionOf({ timeoutMs }), never());
      await Promise.resolve();
      clock.pass(timeoutMs);
      await asked;
    }
    expect(breakers.at(-1)).toBe(`a:${state}`);
  });

  it('when its asker goes, then the call ends at once', async () => {
    const { models, called } = one(hanging);
    const asker = new AbortController();
    const asked = models.ask(questionOf(), asker.signal);
    await Promise.resolve();
    asker.abort();
    expect(await asked).toEqual({ ok: false, kind: 'timeout', message: 'a: the question was aborted' });
    expect(called).toEqual(['a:aborted']);
  });

  it('when its asker has gone before, then nobody is asked', async () => {
    const { models, provider } = one(replyOf());
    expect(kindOf(await models.ask(questionOf(), AbortSignal.abort()))).toBe('timeout');
    expect(provider.calls).toHaveLength(0);
  });
});

describe('given a run that insists on a model', () => {
  it('when that is there, then it alone is asked', async () => {
    const { models, a, b } = two([replyOf()], [failureOf('overloaded')]);
    expect(kindOf(await models.ask(questionOf({ model: 'b' }), never()))).toBe('unavailable');
    expect(a.calls).toEqual([]);
    expect(b.calls.length).toBeGreaterThanOrEqual(TRIES_MAX);
  });

  it('when there is none of that name, then the question is rejected', async () => {
    const { models } = one(replyOf());
    expect(await models.ask(questionOf({ model: 'x' }), never())).toEqual({
      ok: false,
      kind: 'rejected',
      message: 'no model "x" is configured with a key',
    });
  });
});

describe('given a model that takes efforts', () => {
  it.each([
    ['low', 'low', 2_000 + 1_000],
    ['medium', 'medium', 2_000 + 2_000],
    ['high', 'high', 2_000 + 4_000],
  ] as const)(
    'when the tier is %s, then its effort is %s and its limit has room for thinking',
    async (tier, effort, limit) => {
      const provider = sayingProvider('a', replyOf());
      const model = modelOf('a', {
        efforts: ['low', 'medium', 'high', 'max'],
        thinking: 'always',
        thinkingTokens: 4_000,
      });
      await rigOf({ model, provider }).models.ask(questionOf({ tier }), never());
      expect(provider.calls[0]).toMatchObject({ effort, outputTokensMax: limit });
    },
  );
});
