import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../models/estimate.ts';
import { CALL_TOKENS_MAX, INPUT_TIMES_MAX } from '../models/usage.ts';
import { FAILURE_KINDS } from '../providers/provider.ts';
import { questionOf } from '../providers/question.fixture.ts';
import { OUTPUT_TOKENS_MIN, roomFor } from './budget.ts';
import { failureOf, modelOf, replyOf, rigOf, type Said, sayingProvider, type USAGE } from './calling.fixture.ts';

const model = modelOf('a');
const RATIO = 1.25;
const never = () => new AbortController().signal;
const nothing = { tokens: 0, costUsd: 0 };
const wanted = { question: { tokensMax: 10_000 }, model, inputTokens: 1_000, outputTokens: 5_000, spent: nothing };

describe('given a question with a budget', () => {
  it('when there is enough, then the answer may have all that it wants', () => {
    expect(roomFor(wanted)).toEqual({ outputTokensMax: 5_000 });
  });

  it('when less is left than it wants, then the answer may have the rest', () => {
    expect(roomFor({ ...wanted, spent: { ...nothing, tokens: 6_000 } })).toEqual({ outputTokensMax: 3_000 });
  });

  it('when a prompt and the shortest answer do not fit, then there is no call', () => {
    const tokens = 10_000 - 1_000 - OUTPUT_TOKENS_MIN;
    expect(roomFor({ ...wanted, spent: { ...nothing, tokens } })).toEqual({ outputTokensMax: OUTPUT_TOKENS_MIN });
    expect(roomFor({ ...wanted, spent: { ...nothing, tokens: tokens + 1 } })).toMatchObject({ kind: 'budget' });
  });

  it('when the model can write or hold no more, then the answer may have no more', () => {
    expect(roomFor({ ...wanted, model: { ...model, outputTokensMax: 700 } })).toEqual({ outputTokensMax: 700 });
    expect(roomFor({ ...wanted, model: { ...model, contextTokens: 1_500 } })).toEqual({ outputTokensMax: 500 });
    expect(roomFor({ ...wanted, model: { ...model, contextTokens: 1_050 } })).toMatchObject({ kind: 'no_room' });
  });
});

describe('given a question with a budget in dollars', () => {
  /** The prompt costs $0.001, a token of the answer $0.00001. */
  const room = (usdMax: number, spentUsd: number | null = 0, different = model) =>
    roomFor({
      ...wanted,
      model: different,
      question: { tokensMax: 10_000, usdMax },
      spent: { tokens: 0, costUsd: spentUsd },
    });

  it('when it pays for a part of the answer, then the answer may have that', () => {
    expect(room(0.0205, 0.0095)).toEqual({ outputTokensMax: 1_000 });
  });

  it('when it does not pay for the prompt and the shortest answer, then there is no call', () => {
    expect(room(0.0005)).toMatchObject({ kind: 'budget' });
    expect(room(0.02, 0.02)).toMatchObject({ kind: 'budget' });
  });

  it('when the prompt is dearer on its way into the cache, then that is what it may cost', () => {
    const caching = modelOf('a', { price: { input: 1, output: 10, cacheWrite: 11 } });
    expect(room(0.0205, 0, caching)).toEqual({ outputTokensMax: 950 });
  });

  it('when nobody knows what the model costs, or what was spent, then there is no call', () => {
    expect(room(1, 0, modelOf('a', { price: undefined }))).toEqual({
      kind: 'budget',
      message: 'its price is not known, and the question may cost $1 at most',
    });
    expect(room(1, null)).toMatchObject({ kind: 'budget' });
  });
});

/** How a call ends: its kind, and which share of what it may write is written. */
const ends = fc.array(
  fc.record({
    kind: fc.constantFrom('ok' as const, 'length' as const, ...FAILURE_KINDS),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    parameter: fc.constantFrom('tool_choice', 'thinking', 'strict'),
  }),
  { minLength: 60, maxLength: 60 },
);

interface Play {
  ends: typeof ends extends fc.Arbitrary<infer Ends> ? Ends : never;
  usage: (share: number, inputTokens: number, outputTokensMax: number) => typeof USAGE;
}

/** A model that ends its calls like that, and keeps what was used when each began. */
function playing({ ends: list, usage }: Play) {
  const paid = { tokens: 0, usd: 0 };
  const before: number[] = [];
  let nth = 0;
  const said: Said = (call) => {
    const { kind, share, parameter } = list[nth++ % list.length] ?? { kind: 'ok', share: 1, parameter: '' };
    before.push(paid.tokens);
    const used = usage(share, estimateTokens(call.question, call.model), call.outputTokensMax);
    paid.tokens += used.inputTokens + used.outputTokens;
    paid.usd += (used.inputTokens * 1 + used.outputTokens * 10) / 1_000_000;
    if (kind === 'ok') return replyOf({ usage: used });
    if (kind === 'length') return replyOf({ usage: used, stop: 'length' });
    return failureOf(kind, { usage: used, ...(kind === 'parameter' && { parameter }) });
  };
  const [a, b] = [sayingProvider('a', said), sayingProvider('b', said)];
  const { models } = rigOf({ model, provider: a }, { model: modelOf('b'), provider: b });
  return { models, paid, before };
}

describe('given models that end their calls in any way', () => {
  const honest: Play['usage'] = (share, inputTokens, outputTokensMax) => ({
    inputTokens,
    outputTokens: Math.max(1, Math.floor(share * outputTokensMax)),
  });

  test.prop([ends, fc.integer({ min: 1, max: 20_000 })])(
    'then all calls together use no more tokens than the question may, and the answer says how many',
    async (list, tokensMax) => {
      const { models, paid } = playing({ ends: list, usage: honest });
      const answer = await models.ask(questionOf({ tokensMax }), never());
      expect(paid.tokens).toBeLessThanOrEqual(tokensMax);
      expect((answer.usage?.inputTokens ?? 0) + (answer.usage?.outputTokens ?? 0)).toBe(paid.tokens);
    },
  );

  test.prop([ends, fc.double({ min: 0.0001, max: 0.1, noNaN: true })])(
    'then all calls together cost no more dollars than the question may',
    async (list, usdMax) => {
      const { models, paid } = playing({ ends: list, usage: honest });
      await models.ask(questionOf({ usdMax }), never());
      expect(paid.usd).toBeLessThanOrEqual(usdMax * (1 + 1e-9));
    },
  );

  test.prop([ends, fc.integer({ min: 500, max: 20_000 }), fc.integer({ min: 2, max: INPUT_TIMES_MAX })])(
    'when their prompts have more tokens than was foreseen, then no call is made once the budget is used up',
    async (list, tokensMax, times) => {
      const greedy: Play['usage'] = (_share, inputTokens, outputTokensMax) => ({
        inputTokens: inputTokens * times,
        outputTokens: outputTokensMax,
      });
      const { models, before } = playing({ ends: list, usage: greedy });
      await models.ask(questionOf({ tokensMax }), never());
      for (const tokens of before) expect(tokens).toBeLessThanOrEqual(tokensMax - OUTPUT_TOKENS_MIN);
    },
  );
});

describe('given a model whose usage cannot be', () => {
  const lies = fc.constantFrom(-1, Number.NaN, Number.NEGATIVE_INFINITY, Infinity, CALL_TOKENS_MAX + 1, 1e300);

  test.prop([lies, lies, ends])(
    'then its calls are reckoned as foreseen, never as less, and are counted',
    async (inputTokens, outputTokens, list) => {
      const question = questionOf({ tokensMax: 20_000 });
      const usage = { inputTokens, outputTokens };
      const provider = sayingProvider(
        'a',
        replyOf({ usage, stop: 'length' }),
        ...list.map(() => failureOf('overloaded', { usage })),
      );
      const { models, clamped } = rigOf({ model, provider });
      const answer = await models.ask(question, never());
      const foreseen = provider.calls.map((call) => estimateTokens(question, model) + call.outputTokensMax);
      const total = foreseen.reduce((sum, tokens) => sum + tokens, 0);
      expect((answer.usage?.inputTokens ?? 0) + (answer.usage?.outputTokens ?? 0)).toBe(total);
      expect(total).toBeLessThanOrEqual(question.tokensMax);
      expect(clamped).toEqual(provider.calls.map(() => 'a'));
    },
  );
});

describe('given a model that says it used what no call could', () => {
  it.each([
    [{ inputTokens: 100, outputTokens: 1_999_999 }],
    [{ inputTokens: 1_999_999, outputTokens: 1 }],
    [{ inputTokens: 0, outputTokens: 0 }],
  ])('when it is %j, then the answer costs no more than the question may, and not nothing', async (usage) => {
    const question = questionOf({ tokensMax: 15_000, usdMax: 0.1 });
    const { models, clamped } = rigOf({ model, provider: sayingProvider('a', replyOf({ usage })) });
    const { usage: counted, costUsd } = await models.ask(question, never());
    expect((counted?.inputTokens ?? 0) + (counted?.outputTokens ?? 0)).toBeLessThanOrEqual(15_000);
    expect(Math.min(counted?.inputTokens ?? 0, counted?.outputTokens ?? 0)).toBeGreaterThan(0);
    expect(costUsd).toBeLessThanOrEqual(0.1);
    expect(clamped).toEqual(['a']);
  });
});

describe('given a budget that does not pay for the first model', () => {
  it('when it pays for the next, then that one is asked', async () => {
    const dear = modelOf('dear', { price: { input: 1, output: 1_000_000 } });
    const cheap = sayingProvider('cheap', replyOf({ text: 'Cheap.' }));
    // The critic's family comes before the price.
    const { models } = rigOf(
      { model: modelOf('cheap', { family: 'same' }), provider: cheap },
      { model: { ...dear, family: 'other' }, provider: sayingProvider('dear', replyOf()) },
    );
    const answer = await models.ask(questionOf({ purpose: 'critique', usdMax: 0.1 }), never());
    expect(answer).toMatchObject({ ok: true, text: 'Cheap.' });
  });
});

describe('given a budget that is used up between calls', () => {
  it('when the next call would be over it, then the answer is "budget" with what was used', async () => {
    const usage = { inputTokens: 300, outputTokens: 400 };
    const { models } = rigOf({ model, provider: sayingProvider('a', failureOf('overloaded', { usage })) });
    expect(await models.ask(questionOf({ tokensMax: 900 }), never())).toMatchObject({ kind: 'budget', usage });
  });

  it('when a model has shown that its prompts have more tokens than was thought, then that is foreseen', async () => {
    const question = questionOf({ tokensMax: 3_000, outputTokensMax: 3_000 });
    const estimated = estimateTokens(question, model);
    const inputTokens = Math.ceil(RATIO * estimated);
    const provider = sayingProvider('a', replyOf({ usage: { inputTokens, outputTokens: 1 } }));
    const { models } = rigOf({ model, provider });
    for (let nth = 0; nth < 2; nth += 1) await models.ask(question, never());
    expect(provider.calls.map(({ outputTokensMax }) => outputTokensMax)).toEqual([
      3_000 - estimated,
      3_000 - Math.ceil(RATIO * estimated),
    ]);
  });
});
