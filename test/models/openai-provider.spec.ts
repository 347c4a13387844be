import { responsesProvider } from '@troupe/llm-gateway/responses';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Fault, FaultInput } from './faults.ts';
import { callOf, converse, failureIn, KEY, modelNamed, NEVER, OPENAI_MODELS, researcher } from './openai.fixture.ts';
import { responsesProtocol, type ResponsesManners } from './responses/protocol.ts';
import { serve } from './serve.ts';

async function given({ faults, manners }: { faults?: FaultInput; manners?: Partial<ResponsesManners> } = {}) {
  const server = await serve(responsesProtocol(manners), { character: researcher, faults });
  onTestFinished(() => server.close());
  const provider = responsesProvider({ name: 'openai', apiKey: KEY, baseUrl: `${server.origin}/v1` });
  const bodies = () => server.requests().requests.map(({ body }) => JSON.stringify(body));
  return { server, provider, bodies };
}
const always = (fault: Fault): FaultInput => ({ rules: [{ fault, when: 'all' }] });
const gpt = modelNamed('gpt-5.5');

describe('each OpenAI model of the catalogue on Responses as it is', () => {
  const efforts = OPENAI_MODELS.flatMap((model) =>
    [undefined, ...model.efforts].map((effort) => [model.name, effort] as const),
  );

  it('is asked there', () => {
    expect(OPENAI_MODELS.map(({ api }) => api)).toEqual(OPENAI_MODELS.map(() => 'responses'));
    expect(OPENAI_MODELS.length).toBeGreaterThan(4);
  });

  it.each(efforts)('%s with effort %s: a research of several steps, reasoning and all', async (name, effort) => {
    const { server, provider, bodies } = await given();
    const outcome = await converse(provider, callOf(modelNamed(name), {}, { effort }));
    expect(outcome).toMatchObject({ ok: true, stop: 'tools', toolCalls: [{ name: 'submit_findings' }] });
    expect(server.requests()).toMatchObject({ total: 3, fates: { answered: 3 } });
    // The question's own words, and all that was said before.
    expect(
      bodies()
        .at(-1)
        ?.match(/"type":"reasoning"/g) ?? [],
    ).toHaveLength(effort === 'none' ? 0 : 2);
  });

  it.each(OPENAI_MODELS.map(({ name }) => name))('%s: one tool and no other', async (name) => {
    const { provider } = await given();
    const outcome = await provider.ask(callOf(modelNamed(name), { only: 'submit_findings' }), NEVER);
    expect(outcome).toMatchObject({ toolCalls: [{ name: 'submit_findings' }] });
  });

  it('goes on plainly with what another model has said', async () => {
    const { server, provider } = await given();
    const first = await provider.ask(callOf(gpt), NEVER);
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
    const question = { turns: [...callOf(gpt).question.turns, said, ...results] };
    await expect(provider.ask(callOf(modelNamed('gpt-6-luna'), question), NEVER)).resolves.toMatchObject({ ok: true });
    await expect(provider.ask(callOf(gpt, question, { echoes: false }), NEVER)).resolves.toMatchObject({ ok: true });
    expect(server.requests().fates).toEqual({ answered: 3 });
  });

  it('stores nothing there, and counts what the service counts', async () => {
    const { provider, server } = await given();
    const outcome = await provider.ask(callOf(gpt), NEVER);
    expect(server.requests().requests[0]?.body).toMatchObject({ store: false, stream: true });
    expect(outcome).toMatchObject({
      usage: { cacheReadTokens: expect.any(Number), thinkingTokens: expect.any(Number) },
    });
  });

  it('takes the nulls of a strict schema for what was left out', async () => {
    const { provider } = await given();
    const outcome = await provider.ask(callOf(gpt), NEVER);
    expect(outcome).toMatchObject({ toolCalls: [{ arguments: { query: 'log' } }, { arguments: { query: 'store' } }] });
    expect(JSON.stringify(outcome)).not.toContain('"limit":null}}');
  });
});

describe('each fault of Responses', () => {
  it.each<[Fault, object]>([
    ['rate_limited', { kind: 'rate_limited', status: 429, retryAfterMs: 1_000 }],
    ['server_error', { kind: 'unreachable', status: 500 }],
    ['overloaded', { kind: 'overloaded' }],
    ['spent', { kind: 'spent' }],
    ['usage_limit', { kind: 'spent' }],
    ['wrong_key', { kind: 'unauthorised', status: 401 }],
    ['forbidden', { kind: 'unauthorised', status: 403 }],
    ['reset', { kind: 'unreachable' }],
    ['cut', { kind: 'unreachable' }],
    ['error_event', { kind: 'unreachable' }],
    ['malformed_json', { kind: 'malformed' }],
    ['broken_arguments', { kind: 'malformed', usage: { inputTokens: expect.any(Number) } }],
    ['nine_calls', { kind: 'malformed', usage: { inputTokens: expect.any(Number) } }],
    ['refusal', { kind: 'refused', usage: { inputTokens: expect.any(Number) } }],
  ])('%s', async (fault, expected) => {
    const { provider } = await given({ faults: always(fault) });
    expect(failureIn(await provider.ask(callOf(gpt), NEVER))).toMatchObject(expected);
  });

  it.each<[Fault, object]>([
    ['length', { stop: 'length', toolCalls: [] }],
    ['no_call', { stop: 'end', toolCalls: [] }],
    ['empty', { stop: 'end', toolCalls: [], text: '' }],
    ['wrong_arguments', { stop: 'tools' }],
  ])('%s is an answer', async (fault, expected) => {
    const { provider } = await given({ faults: always(fault) });
    await expect(provider.ask(callOf(gpt), NEVER)).resolves.toMatchObject({ ok: true, ...expected });
  });

  it.each<[string, Fault, Partial<ResponsesManners>, string]>([
    ['a response that failed', 'error_event', { failure: 'response.failed' }, 'unreachable'],
    ['a filter', 'refusal', { refusal: 'content_filter' }, 'refused'],
  ])('told by %s', async (_how, fault, manners, kind) => {
    const { provider } = await given({ faults: always(fault), manners });
    expect(failureIn(await provider.ask(callOf(gpt), NEVER)).kind).toBe(kind);
  });

  it.each<Fault>(['hang', 'hang_midway'])('%s ends when the call is aborted, and the server sees it', async (fault) => {
    const { provider, server } = await given({ faults: always(fault) });
    const abort = new AbortController();
    const asked = provider.ask(callOf(gpt), abort.signal, { limits: () => abort.abort() });
    await expect.poll(() => server.requests().total).toBe(1);
    abort.abort();
    expect(failureIn(await asked).kind).toBe('aborted');
    await expect.poll(() => server.requests().fates).toEqual({ aborted: 1 });
  });

  it('sealed reasoning that does not fit is told as such, and the same question without it is answered', async () => {
    const { provider } = await given();
    const first = await provider.ask(callOf(gpt), NEVER);
    if (!first.ok || !first.echo) throw new Error('no reasoning came');
    const { text, toolCalls, echo } = first;
    const parts = echo.parts.map((part) =>
      part.kind === 'opaque' ? { ...part, block: { ...part.block, encrypted_content: 'gAAAA-forged' } } : part,
    );
    const results = toolCalls.map(({ id, name }) => ({
      role: 'tool' as const,
      callId: id,
      name,
      text: 'r',
      failed: false,
    }));
    const said = { role: 'assistant' as const, text, toolCalls, echo: { ...echo, parts } };
    const question = { turns: [...callOf(gpt).question.turns, said, ...results] };
    expect(failureIn(await provider.ask(callOf(gpt, question), NEVER)).kind).toBe('echo');
    await expect(provider.ask(callOf(gpt, question, { echoes: false }), NEVER)).resolves.toMatchObject({ ok: true });
  });

  it('a model that is not there is refused', async () => {
    const { provider } = await given();
    const unknown = { ...gpt, name: 'gpt-0' };
    expect(failureIn(await provider.ask(callOf(unknown), NEVER))).toMatchObject({ kind: 'rejected', status: 404 });
  });

  it('an effort that the model does not take is a parameter that can be left out', async () => {
    const { provider } = await given();
    const sol = callOf(modelNamed('gpt-6.1-sol'), {}, { effort: 'none' });
    expect(failureIn(await provider.ask(sol, NEVER))).toMatchObject({ kind: 'parameter', parameter: 'reasoning' });
    const without = { ...sol, without: new Set(['reasoning']) };
    await expect(provider.ask(without, NEVER)).resolves.toMatchObject({ ok: true });
  });
});
