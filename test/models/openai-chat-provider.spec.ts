import { chatProvider } from '@troupe/llm-gateway/chat';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DIALECT_NAMES } from './chat/dialect.ts';
import { chatProtocol } from './chat/protocol.ts';
import { AZURE_DEPLOYMENT } from './chat/settings.ts';
import type { Fault, FaultInput } from './faults.ts';
import {
  type Call,
  callOf,
  converse,
  failureIn,
  KEY,
  modelNamed,
  NEVER,
  type Outcome,
  researcher,
} from './openai.fixture.ts';
import { serve } from './serve.ts';

async function given(dialect = 'plain', faults?: FaultInput) {
  const server = await serve(chatProtocol(dialect), { character: researcher, faults });
  onTestFinished(() => server.close());
  const provider = chatProvider({ name: 'compatible', apiKey: KEY, baseUrl: `${server.origin}/v1` });
  return { server, provider };
}
type Provider = Awaited<ReturnType<typeof given>>['provider'];

const base = modelNamed('gpt-6.1-terra');
/** A model behind a server of one's own, of which little is known. */
function served(
  deviations: Partial<Call['model']['deviations']> = {},
  model: Partial<Call['model']> = {},
): Call['model'] {
  return {
    ...base,
    name: 'some-model',
    provider: 'compatible',
    api: 'chat',
    family: 'some',
    strictSchema: 'none',
    efforts: [],
    deviations: { ...base.deviations, outputLimit: 'max_tokens', ...deviations },
    ...model,
  };
}

/** What is known of the models of each server. */
const MODELS: Readonly<Record<string, Call['model']>> = {
  openai: served({ outputLimit: 'max_completion_tokens' }, { name: base.name, strictSchema: 'openai' }),
  azure: served({ outputLimit: 'max_completion_tokens' }, { name: AZURE_DEPLOYMENT, strictSchema: 'openai' }),
  gemini: served({}, { name: 'gemini-3-pro', family: 'gemini' }),
  mistral: served({ forcedChoice: 'any', usageInStream: false, shortCallIds: true }),
};
const effortOf = (dialect: string) => (dialect === 'openai' ? { effort: 'none' as const } : {});

/** Asks as the gateway does: once more without the parameter that is refused, as often as another one is. */
async function asked(provider: Provider, call: Call): Promise<{ outcome: Outcome; without: string[] }> {
  const without = new Set(call.without);
  for (;;) {
    const outcome = await provider.ask({ ...call, without }, NEVER);
    if (outcome.ok || outcome.parameter === undefined || without.has(outcome.parameter)) {
      return { outcome, without: [...without] };
    }
    without.add(outcome.parameter);
  }
}

describe('a research of several steps on chat completions', () => {
  it.each(DIALECT_NAMES)('at %s, of whose model all is known: nothing is refused', async (dialect) => {
    const { provider, server } = await given(dialect);
    const outcome = await converse(provider, callOf(MODELS[dialect] ?? served(), {}, effortOf(dialect)));
    expect(outcome).toMatchObject({ ok: true, stop: 'tools', toolCalls: [{ name: 'submit_findings' }] });
    expect(server.requests()).toMatchObject({ total: 3, fates: { answered: 3 } });
  });

  it.each([
    'no_usage',
    'ids_missing',
    'ids_repeated',
    'arguments_object',
    'arguments_empty',
    'content_null',
    'choices_empty',
    'comments',
    'no_index',
    'no_index+ids_missing',
    'no_index+ids_repeated',
    'calls_empty',
    'stop_with_calls',
    'reasoning',
    'reasoning_content',
    'think_tags',
    'usage_always',
  ])('at a server with %s, which nobody has said', async (quirk) => {
    const { provider, server } = await given(`plain+${quirk}`);
    const outcome = await converse(provider, callOf(served()));
    expect(outcome).toMatchObject({ ok: true, stop: 'tools', toolCalls: [{ name: 'submit_findings' }] });
    expect(server.requests()).toMatchObject({ total: 3, fates: { answered: 3 } });
    expect(outcome).toMatchObject({ usage: { inputTokens: expect.any(Number), outputTokens: expect.any(Number) } });
  });

  it('has no thoughts in its text', async () => {
    for (const quirk of ['think_tags', 'reasoning', 'reasoning_content']) {
      const { provider } = await given(`plain+${quirk}`);
      const texts: string[] = [];
      const outcome = await provider.ask(callOf(served()), NEVER, { text: (delta) => texts.push(delta) });
      expect(outcome).toMatchObject({ text: expect.stringMatching(/^I look it up — “log” 🔎\.\s*$/) });
      expect(texts.join('')).not.toContain('hand in');
    }
  });

  it('goes on at Gemini with what another model has called, and at others with what Gemini has', async () => {
    const { provider: mistral } = await given('mistral');
    const { provider: gemini } = await given('gemini');
    for (const [here, there, model, other] of [
      [mistral, gemini, MODELS['mistral'], MODELS['gemini']],
      [gemini, mistral, MODELS['gemini'], MODELS['mistral']],
    ] as const) {
      if (!model || !other) throw new Error('no such model');
      const first = await here.ask(callOf(model), NEVER);
      if (!first.ok) throw new Error(first.message);
      const { text, toolCalls, echo } = first;
      const results = toolCalls.map(({ id, name }) => ({
        role: 'tool' as const,
        callId: id,
        name,
        text: 'r',
        failed: false,
      }));
      const said = { role: 'assistant' as const, text, toolCalls, ...(echo && { echo }) };
      const turns = [...callOf(model).question.turns, said, ...results];
      await expect(there.ask(callOf(other, { turns }), NEVER)).resolves.toMatchObject({ ok: true });
    }
  });
});

describe('what a server does not take is named, and the question is answered without it', () => {
  it.each([
    ['plain+refuses:stream_options', served(), ['stream_options']],
    ['plain+refuses:tool_choice', served(), ['tool_choice']],
    ['plain+refuses:max_tokens', served(), ['max_tokens']],
    [
      'plain+refuses:max_completion_tokens',
      served({ outputLimit: 'max_completion_tokens' }),
      ['max_completion_tokens'],
    ],
    ['mistral', served({ shortCallIds: true }), ['stream_options', 'tool_choice']],
    [
      'mistral',
      served({ shortCallIds: true, outputLimit: 'max_completion_tokens' }),
      ['max_completion_tokens', 'stream_options', 'tool_choice'],
    ],
    ['gemini+refuses:stream_options', served(), ['stream_options']],
    ['vllm+refuses:stream_options', served(), ['stream_options']],
    ['llama.cpp+refuses:stream_options', served(), ['stream_options']],
    ['openrouter+refuses:stream_options', served(), ['stream_options']],
  ])('%s', async (dialect, model, expected) => {
    const { provider } = await given(dialect);
    const { outcome, without } = await asked(provider, callOf(model));
    expect(outcome).toMatchObject({ ok: true, toolCalls: [{}, {}] });
    expect(without.toSorted()).toEqual(expected);
  });

  it('LM Studio takes one tool as any tool, by a word', async () => {
    const { provider, server } = await given('lmstudio');
    const { outcome, without } = await asked(provider, callOf(served(), { only: 'submit_findings' }));
    expect(outcome).toMatchObject({ ok: true });
    expect(without).toEqual(['tool_choice.function']);
    expect(server.requests().requests.at(-1)?.body).toMatchObject({ tool_choice: 'required' });
  });

  it.each(DIALECT_NAMES.filter((name) => !['lmstudio', 'ollama', 'llama.cpp'].includes(name)))(
    '%s takes one tool by its name',
    async (dialect) => {
      const { provider } = await given(dialect);
      const model = MODELS[dialect] ?? served();
      const outcome = await provider.ask(callOf(model, { only: 'submit_findings' }, effortOf(dialect)), NEVER);
      expect(outcome).toMatchObject({ ok: true, stop: 'tools', toolCalls: [{ name: 'submit_findings' }] });
    },
  );

  it('tools on chat completions, which the model has on Responses alone, are a refusal', async () => {
    const { provider } = await given('openai');
    const model = served({ outputLimit: 'max_completion_tokens' }, { name: 'gpt-5.5' });
    const failure = failureIn(await provider.ask(callOf(model), NEVER));
    expect(failure).toMatchObject({ kind: 'rejected', message: expect.stringContaining('/v1/responses') });
  });

  it.each(['plain', 'vllm', 'llama.cpp', 'lmstudio', 'openrouter', 'gemini', 'mistral'])(
    'a prompt that is too long for %s is told as such',
    async (dialect) => {
      const { provider } = await given(`${dialect}+context:100`);
      const model = MODELS[dialect] ?? served();
      expect(failureIn(await provider.ask(callOf(model), NEVER)).kind).toBe('too_long');
    },
  );
});

describe('each fault of chat completions', () => {
  const cases = ['openai', 'openrouter', 'gemini', 'mistral'].flatMap((dialect) =>
    (
      [
        ['rate_limited', { kind: 'rate_limited', status: 429, retryAfterMs: 1_000 }],
        ['server_error', { kind: 'unreachable', status: 500 }],
        ['overloaded', { kind: 'overloaded' }],
        ['wrong_key', { kind: 'unauthorised' }],
        ['reset', { kind: 'unreachable' }],
        ['cut', { kind: 'unreachable' }],
        ['error_event', { kind: 'unreachable' }],
        ['malformed_json', { kind: 'malformed' }],
        ['broken_arguments', { kind: 'malformed', usage: { inputTokens: expect.any(Number) } }],
        ['nine_calls', { kind: 'malformed', usage: { inputTokens: expect.any(Number) } }],
        ['refusal', { kind: 'refused', usage: { inputTokens: expect.any(Number) } }],
      ] satisfies [Fault, object][]
    ).map(([fault, expected]) => [dialect, fault, expected] as const),
  );

  it.each(cases)('at %s: %s', async (dialect, fault, expected) => {
    const { provider } = await given(dialect, { rules: [{ fault, when: 'all' }] });
    const call = callOf(MODELS[dialect] ?? served(), {}, effortOf(dialect));
    expect(failureIn(await provider.ask(call, NEVER))).toMatchObject(expected);
  });

  it.each<Fault>(['spent', 'usage_limit'])('%s at OpenAI', async (fault) => {
    const { provider } = await given('azure', { rules: [{ fault, when: 'all' }] });
    const call = callOf(MODELS['azure'] ?? served());
    expect(failureIn(await provider.ask(call, NEVER)).kind).toBe('spent');
  });

  it.each<[Fault, object]>([
    ['length', { stop: 'length', toolCalls: [] }],
    ['no_call', { stop: 'end', toolCalls: [] }],
    ['empty', { stop: 'end', toolCalls: [], text: '' }],
    ['wrong_arguments', { stop: 'tools' }],
  ])('%s is an answer', async (fault, expected) => {
    const { provider } = await given('plain', { rules: [{ fault, when: 'all' }] });
    await expect(provider.ask(callOf(served()), NEVER)).resolves.toMatchObject({ ok: true, ...expected });
  });

  it.each<Fault>(['hang', 'hang_midway'])('%s ends when the call is aborted, and the server sees it', async (fault) => {
    const { provider, server } = await given('plain', { rules: [{ fault, when: 'all' }] });
    const abort = new AbortController();
    const ask = provider.ask(callOf(served()), abort.signal);
    await expect.poll(() => server.requests().total).toBe(1);
    abort.abort();
    expect(failureIn(await ask).kind).toBe('aborted');
    await expect.poll(() => server.requests().fates).toEqual({ aborted: 1 });
  });
});
