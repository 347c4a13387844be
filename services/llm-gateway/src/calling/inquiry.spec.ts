import type { Answer } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { questionOf } from '../providers/question.fixture.ts';
import type { FailureKind } from '../providers/provider.ts';
import { failureOf, modelOf, replyOf, rigOf, type Said, sayingProvider, USAGE } from './calling.fixture.ts';
import { RETRY_AFTER_MS_MAX } from './backoff.ts';
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

describe('given a model that answers', () => {
  it('when it is asked, then the answer says who answered, what was used and what it cost', async () => {
    const { models } = one(replyOf());
    expect(await models.ask(questionOf(), never())).toEqual({
      ok: true,
      provider: 'a-inc',
      model: 'as-the-service-says',
      text: 'Because.',
      toolCalls: [],
      stop: 'end',
      usage: USAGE,
      costUsd: (100 * 1 + 20 * 10) / 1_000_000,
    });
  });

  it('when nobody knows its price, then the cost is unknown and not 0', async () => {
    const provider = sayingProvider('a', replyOf());
    const { models } = rigOf({ model: modelOf('a', { price: undefined }), provider });
    expect(await models.ask(questionOf(), never())).toMatchObject({ ok: true, costUsd: null });
  });

  it('when its answer is out of bounds, then that is malformed and paid', async () => {
    const { models } = one(replyOf({ text: 'x'.repeat(30_000) }));
    expect(await models.ask(questionOf(), never())).toMatchObject({ ok: false, kind: 'malformed', usage: USAGE });
  });

  it('when a call has to come and none does, or of another tool, then it is handed out: the agent asks again', async () => {
    const { models, provider } = one(replyOf());
    expect(kindOf(await models.ask(questionOf({ mustCall: true, only: 'submit_findings' }), never()))).toBe('ok');
    expect(provider.calls).toHaveLength(1);
  });
});

describe('given a model that has a bad moment', () => {
  it.each<FailureKind>(['rate_limited', 'overloaded', 'unreachable'])(
    'when it is %s once, then it is asked again after a wait',
    async (kind) => {
      const { models, provider, clock } = one(failureOf(kind), replyOf());
      expect(kindOf(await models.ask(questionOf(), never()))).toBe('ok');
      expect(provider.calls).toHaveLength(2);
      expect(clock.slept).toHaveLength(1);
    },
  );

  it('when it lasts, then the next model is asked after three tries, and waits grow', async () => {
    const { models, a, b, clock } = two([failureOf('overloaded')]);
    expect(await models.ask(questionOf(), never())).toMatchObject({ ok: true, text: 'From b.' });
    expect([a.calls.length, b.calls.length]).toEqual([TRIES_MAX, 1]);
    expect(clock.slept).toEqual([375, 750]);
  });

  it('when it is too many calls that lasts, then the next model is asked after three tries too', async () => {
    const { models, a, b } = two([failureOf('rate_limited')]);
    expect(await models.ask(questionOf(), never())).toMatchObject({ ok: true, text: 'From b.' });
    expect([a.calls.length, b.calls.length]).toEqual([TRIES_MAX, 1]);
  });

  it('when all models have it, then the last is asked for as long as there is time, and then it says why', async () => {
    const { models, a, b, clock } = two(
      [failureOf('overloaded')],
      [failureOf('unreachable', { message: 'ECONNRESET' })],
    );
    expect(await models.ask(questionOf(), never())).toEqual({
      ok: false,
      kind: 'unavailable',
      message: 'b: ECONNRESET',
    });
    expect(a.calls).toHaveLength(TRIES_MAX);
    expect(b.calls.length).toBeGreaterThan(TRIES_MAX);
    expect(clock.now()).toBeLessThan(10_000);
  });

  it('when it asks to wait, then it is asked no sooner', async () => {
    const { models, clock } = one(failureOf('rate_limited', { retryAfterMs: 3_000 }), replyOf());
    expect(kindOf(await models.ask(questionOf({ timeoutMs: 60_000 }), never()))).toBe('ok');
    expect(clock.now()).toBeGreaterThanOrEqual(3_000);
  });

  it('when it asks to wait for too long, then the next model is asked at once', async () => {
    const long = failureOf('rate_limited', { retryAfterMs: RETRY_AFTER_MS_MAX + 1 });
    const { models, a, clock } = two([long]);
    expect(await models.ask(questionOf({ timeoutMs: 60_000 }), never())).toMatchObject({ text: 'From b.' });
    expect([a.calls.length, clock.now()]).toEqual([1, 0]);
  });

  it('when the wait would outlast the question, then the next model is asked at once', async () => {
    const { models, clock } = two([failureOf('rate_limited', { retryAfterMs: 5_000 })]);
    expect(await models.ask(questionOf({ timeoutMs: 5_000 }), never())).toMatchObject({ text: 'From b.' });
    expect(clock.now()).toBe(0);
  });

  it('when its calls were paid all the same, then the answer costs the sum', async () => {
    const { models } = one(failureOf('unreachable', { usage: { ...USAGE, cacheReadTokens: 50 } }), replyOf());
    expect(await models.ask(questionOf(), never())).toMatchObject({
      usage: { inputTokens: 200, outputTokens: 40, cacheReadTokens: 50 },
    });
  });
});

describe('given what only a person can mend', () => {
  it.each([
    ['unauthorised', 'unauthorised'],
    ['spent', 'spent'],
    ['too_large', 'rejected'],
    ['rejected', 'rejected'],
  ] satisfies [FailureKind, string][])(
    'when a call is %s, then the question is %s at once and no other is asked',
    async (kind, answered) => {
      const { models, a, b, clock } = two([failureOf(kind)]);
      expect(await models.ask(questionOf(), never())).toEqual({
        ok: false,
        kind: answered,
        message: `a: it was ${kind}`,
      });
      expect([a.calls.length, b.calls.length, clock.slept.length]).toEqual([1, 0, 0]);
    },
  );
});

describe('given a model that refuses a parameter', () => {
  const refusing =
    (parameter: string): Said =>
    ({ without }) =>
      without.has(parameter) ? replyOf() : failureOf('parameter', { parameter });

  it('when it is asked, then once more without it, and without it from then on', async () => {
    const { models, provider } = one(refusing('tool_choice'));
    for (let nth = 0; nth < 2; nth += 1) expect(kindOf(await models.ask(questionOf(), never()))).toBe('ok');
    expect(provider.calls.map(({ without }) => [...without])).toEqual([[], ['tool_choice'], ['tool_choice']]);
  });

  it('when it refuses it again, then the request is rejected, and nothing is remembered', async () => {
    const { models, provider } = one(failureOf('parameter', { parameter: 'tool_choice' }));
    expect(kindOf(await models.ask(questionOf(), never()))).toBe('rejected');
    expect(kindOf(await models.ask(questionOf(), never()))).toBe('rejected');
    expect(provider.calls.map(({ without }) => without.size)).toEqual([0, 1, 0, 1]);
  });

  it('when another model is asked, then with everything', async () => {
    const { models, b } = two([
      failureOf('parameter', { parameter: 'tool_choice' }),
      failureOf('unreachable', { retryAfterMs: RETRY_AFTER_MS_MAX + 1 }),
    ]);
    await models.ask(questionOf(), never());
    expect(b.calls[0]?.without.size).toBe(0);
  });
});

describe('given a model to which earlier thinking does not fit', () => {
  it('when it says so, then it is asked once more without all of it', async () => {
    const { models, provider } = one(failureOf('echo'), replyOf());
    expect(kindOf(await models.ask(questionOf(), never()))).toBe('ok');
    expect(provider.calls.map(({ echoes }) => echoes)).toEqual([true, false]);
  });

  it('when it says so again, then the request is rejected', async () => {
    const { models, provider } = one(failureOf('echo'));
    expect(kindOf(await models.ask(questionOf(), never()))).toBe('rejected');
    expect(provider.calls).toHaveLength(2);
  });
});

describe('given a model that will not answer', () => {
  it('when there is another, then that one is asked, once', async () => {
    const { models } = two([failureOf('refused', { usage: USAGE })]);
    expect(await models.ask(questionOf(), never())).toMatchObject({
      ok: true,
      text: 'From b.',
      usage: { inputTokens: 200, outputTokens: 40 },
    });
  });

  it('when the other will not either, then the question is refused, and both were paid', async () => {
    const { models, a, b } = two([failureOf('refused', { usage: USAGE })], [failureOf('refused', { usage: USAGE })]);
    expect(await models.ask(questionOf(), never())).toMatchObject({
      ok: false,
      kind: 'refused',
      usage: { inputTokens: 200, outputTokens: 40 },
      costUsd: 0.0006,
    });
    expect([a.calls.length, b.calls.length]).toEqual([1, 1]);
  });
});

describe('given more models that will not answer than one', () => {
  it('when two have refused, then no third is asked', async () => {
    const providers = ['a', 'b', 'c'].map((name) => sayingProvider(name, failureOf('refused')));
    const { models } = rigOf(...providers.map((provider) => ({ model: modelOf(provider.name), provider })));
    expect(kindOf(await models.ask(questionOf(), never()))).toBe('refused');
    expect(providers.map(({ calls }) => calls.length)).toEqual([1, 1, 0]);
  });
});

describe('given a prompt that is too long', () => {
  it('when a later model holds more, then that one is asked, and those between are not', async () => {
    const [a, b, c] = [
      sayingProvider('a', failureOf('too_long')),
      sayingProvider('b', replyOf()),
      sayingProvider('c', replyOf()),
    ];
    const { models } = rigOf(
      { model: modelOf('a'), provider: a },
      { model: modelOf('b'), provider: b },
      { model: modelOf('c', { contextTokens: 200_000 }), provider: c },
    );
    expect(kindOf(await models.ask(questionOf(), never()))).toBe('ok');
    expect([a.calls.length, b.calls.length, c.calls.length]).toEqual([1, 0, 1]);
  });

  it('when none holds more, then the question is too long', async () => {
    const { models } = two([failureOf('too_long')]);
    expect(kindOf(await models.ask(questionOf(), never()))).toBe('too_long');
  });

  it('when only a model with longer tokens holds it, then that one is asked', async () => {
    const [a, b] = [sayingProvider('a', replyOf()), sayingProvider('b', replyOf())];
    const { models } = rigOf(
      { model: modelOf('a', { charsPerToken: 2 }), provider: a },
      { model: modelOf('b', { charsPerToken: 4 }), provider: b },
    );
    const long = questionOf({ turns: [{ role: 'user', text: 'x'.repeat(250_000) }], tokensMax: 1_000_000 });
    expect(kindOf(await models.ask(long, never()))).toBe('ok');
    expect([a.calls.length, b.calls.length]).toEqual([0, 1]);
  });

  it('when the cheapest holds it only by the shortest reckoning, then a larger one is asked', async () => {
    const [a, b] = [sayingProvider('a', replyOf()), sayingProvider('b', replyOf())];
    const { models } = rigOf(
      { model: modelOf('a', { charsPerToken: 4 }), provider: a },
      { model: modelOf('b', { charsPerToken: 2, contextTokens: 200_000 }), provider: b },
    );
    const long = questionOf({ turns: [{ role: 'user', text: 'x'.repeat(250_000) }], tokensMax: 1_000_000 });
    expect(kindOf(await models.ask(long, never()))).toBe('ok');
    expect([a.calls.length, b.calls.length]).toEqual([0, 1]);
  });

  it('when no model of any tier could hold it, then none is asked', async () => {
    const { models, provider } = one(replyOf());
    const long = questionOf({ turns: [{ role: 'user', text: 'x'.repeat(400_000) }], tokensMax: 1_000_000 });
    expect(kindOf(await models.ask(long, never()))).toBe('too_long');
    expect(provider.calls).toHaveLength(0);
  });
});

describe('given an answer that nobody can read', () => {
  it('when it comes, then it is handed to the agent with what it cost', async () => {
    const { models, a, b } = two([failureOf('malformed', { usage: USAGE })]);
    expect(await models.ask(questionOf(), never())).toMatchObject({ kind: 'malformed', usage: USAGE, costUsd: 0.0003 });
    expect([a.calls.length, b.calls.length]).toEqual([1, 0]);
  });
});
