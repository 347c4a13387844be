import {
  type Question,
  SUBMIT_DRAFT,
  SUBMIT_FINDINGS,
  SUBMIT_PLAN,
  SUBMIT_REVIEW,
  type ToolOffer,
  type Turn,
} from '@troupe/contract';
import { anthropicProvider } from '@troupe/llm-gateway/anthropic';
import { readCatalogue } from '@troupe/llm-gateway/models';
import { toolOffer, toolSpecs } from '@troupe/tools';
import { afterEach, describe, expect, it } from 'vitest';
import { call as spokenCall, type Character, type Utterance } from './character.ts';
import type { Fault, FaultInput } from './faults.ts';
import { parrot, startMessages } from './messages/messages.fixture.ts';
import { MODELS } from './messages/models.ts';
import type { ModelServer } from './serve.ts';
import { startModelServer } from './server.ts';

type Provider = ReturnType<typeof anthropicProvider>;
type Call = Parameters<Provider['ask']>[0];
type Outcome = Awaited<ReturnType<Provider['ask']>>;

const KEY = 'sk-ant-test-0123456789abcdef';
const servers: ModelServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const CATALOGUE = readCatalogue();
const NAMES = [...CATALOGUE.models.values()].filter(({ api }) => api === 'messages').map(({ name }) => name);
const modelOf = (name: string): Call['model'] => {
  const model = CATALOGUE.models.get(name);
  if (!model) throw new Error(`${name} is not in the catalogue`);
  return model;
};

const SEARCHES: ToolOffer[] = Object.values(toolSpecs).flatMap((spec) => (spec ? [toolOffer(spec)] : []));

function questionOf(different: Partial<Question> = {}): Question {
  return {
    id: '0190a8d4-0000-7000-8000-000000000001/r1/0',
    tenant: 'default',
    run: '0190a8d4-0000-7000-8000-000000000001',
    role: 'researcher',
    tier: 'low',
    purpose: 'search',
    system: 'You are a researcher.',
    turns: [{ role: 'user', text: 'What keeps the log?' }],
    tools: [...SEARCHES, SUBMIT_FINDINGS],
    mustCall: true,
    outputTokensMax: 2_000,
    tokensMax: 50_000,
    timeoutMs: 10_000,
    ...different,
  };
}

const callOf = (name: string, question: Partial<Question> = {}, different: Partial<Call> = {}): Call => ({
  question: questionOf(question),
  model: modelOf(name),
  outputTokensMax: 8_000,
  without: new Set(),
  echoes: true,
  ...different,
});

async function given(character: Character, faults: FaultInput = {}) {
  const server = await startMessages(character, faults);
  servers.push(server);
  return { server, ...asking(server) };
}

function asking(server: ModelServer) {
  const provider = anthropicProvider({ name: 'anthropic', apiKey: KEY, baseUrl: server.origin });
  return {
    ask: (call: Call, signal = new AbortController().signal) => provider.ask(call, signal),
  };
}

function replied(outcome: Outcome) {
  if (!outcome.ok) throw new Error(`${outcome.kind}: ${outcome.message}`);
  return outcome;
}

/** An answer as the agent's next question holds it, each call with a result. */
function turnsOf({ text, toolCalls, echo }: ReturnType<typeof replied>): Turn[] {
  const results = toolCalls.map(({ id, name }, index): Turn => ({
    role: 'tool',
    callId: id,
    name,
    text: `R${index}`,
    failed: index === 1,
  }));
  return [{ role: 'assistant', text, toolCalls, ...(echo && { echo }) }, ...results];
}

const search = spokenCall('search_documents', { query: 'log' });
const STEPS: Partial<Utterance>[] = [
  { thinking: 'First I search.', text: 'I search.', calls: [search, search] },
  { thinking: 'Now I read.', calls: [spokenCall('read_document', { path: 'a.md' })] },
  { thinking: 'Enough.', text: 'Done.', calls: [spokenCall('submit_findings', { claims: [], gaps: ['all'] })] },
  { thinking: 'Again.', calls: [spokenCall('submit_findings', { claims: [], gaps: [] })] },
];

describe.each(NAMES)('%s, asked by its description', (name) => {
  it.each([
    ['forced where it can be', true],
    ['free', false],
  ])('goes through a conversation of several steps, %s', async (_, mustCall) => {
    const { ask, server } = await given(parrot(...STEPS));
    const turns = [...questionOf().turns];
    let thoughts = 0;
    for (const step of STEPS) {
      const isLast = step === STEPS.at(-1);
      const only = isLast ? { only: 'submit_findings' } : {};
      const reply = replied(await ask(callOf(name, { turns: [...turns], mustCall, ...only })));
      expect(reply).toMatchObject({ stop: 'tools', text: step.text ?? '' });
      expect(reply.toolCalls).toHaveLength(step.calls?.length ?? 0);
      expect(reply.usage.inputTokens).toBeGreaterThan(0);
      if (isLast) break;
      thoughts += reply.echo?.parts.filter(({ kind }) => kind === 'opaque').length ?? 0;
      turns.push(...turnsOf(reply), { role: 'user', text: 'Go on.' });
    }
    const { fates, requests } = server.requests();
    expect(fates).toEqual({ answered: STEPS.length });
    const returned = JSON.stringify(requests.at(-1)?.body).match(/"type":"(?:redacted_)?thinking"/g)?.length ?? 0;
    expect(returned).toBe(thoughts);
    expect(returned > 0).toBe(MODELS[name]?.thinking[0] === 'adaptive');
    expect(requests.map(({ body }) => body)).toEqual(
      requests.map(() => expect.objectContaining({ stream: true, cache_control: { type: 'ephemeral' } })),
    );
  });

  it.each([
    [SUBMIT_PLAN, true],
    [SUBMIT_PLAN, false],
    [SUBMIT_FINDINGS, true],
    [SUBMIT_DRAFT, true],
    [SUBMIT_REVIEW, true],
  ])('hands in its work by the one tool: %j', async (tool, mustCall) => {
    const server = await startModelServer({ api: 'messages' });
    servers.push(server);
    const question = { tools: [...SEARCHES, tool], only: tool.name, mustCall };
    const reply = replied(await asking(server).ask(callOf(name, question, { effort: modelOf(name).efforts.at(-1) })));
    expect(['tools', 'end']).toContain(reply.stop);
    expect(server.requests().fates).toEqual({ answered: 1 });
  });

  it('offers all tools of Troupe as strict ones, if it takes any', async () => {
    const { ask, server } = await given(parrot(...STEPS));
    const tools = [...SEARCHES, SUBMIT_PLAN, SUBMIT_FINDINGS, SUBMIT_DRAFT, SUBMIT_REVIEW];
    replied(await ask(callOf(name, { tools })));
    const strict = JSON.stringify(server.requests().requests[0]?.body).match(/"strict":true/g)?.length ?? 0;
    expect(strict).toBe(modelOf(name).strictSchema === 'none' ? 0 : tools.length);
  });

  it('is described as the service knows it', () => {
    const { contextTokens, outputTokensMax, forcedCall, efforts } = modelOf(name);
    const known = MODELS[name];
    expect({ contextTokens, outputTokensMax, forcedCall }).toEqual({
      contextTokens: known?.contextTokens,
      outputTokensMax: known?.outputTokensMax,
      forcedCall: known?.forcedCall,
    });
    expect(efforts.length > 0).toBe(known?.effort !== undefined);
  });
});

describe('a model that is described wrongly', () => {
  it.each([
    ['claude-sonnet-5-5', { forcedCall: true }, {}, 'tool_choice'],
    ['claude-opus-5-5', { forcedCall: true, thinking: 'optional' }, {}, 'tool_choice'],
    ['claude-haiku-4-5', {}, { effort: 'high' }, 'output_config'],
  ] as const)(
    '%s is answered once the parameter that is refused is left out',
    async (name, described, how, parameter) => {
      const { ask } = await given(parrot(...STEPS));
      const call = callOf(name, {}, { model: { ...modelOf(name), ...described }, ...how });
      expect(await ask(call)).toMatchObject({ ok: false, kind: 'parameter', parameter, status: 400 });
      expect(await ask({ ...call, without: new Set([parameter]) })).toMatchObject({ ok: true });
    },
  );
});

describe('thoughts that do not fit any more', () => {
  it.each([
    ['another system prompt', { system: 'You are a writer.' }],
    ['other tools', { tools: [SUBMIT_FINDINGS] }],
  ])('because of %s are refused as an echo, and left out as a whole are not missed', async (_, changed) => {
    const { ask } = await given(parrot(...STEPS));
    const first = replied(await ask(callOf('claude-sonnet-5-5')));
    const question = { turns: [...questionOf().turns, ...turnsOf(first)], ...changed };
    const call = callOf('claude-sonnet-5-5', question);
    expect(await ask(call)).toMatchObject({ ok: false, kind: 'echo' });
    expect(await ask({ ...call, echoes: false })).toMatchObject({ ok: true });
  });

  it('are those of another model, and do not go to this one', async () => {
    const { ask } = await given(parrot(...STEPS));
    const first = replied(await ask(callOf('claude-sonnet-5-5')));
    const question = { turns: [...questionOf().turns, ...turnsOf(first)] };
    expect(await ask(callOf('claude-opus-5-5', question))).toMatchObject({ ok: true });
  });
});

describe('a fault of the service', () => {
  const FAULTY: [Fault, Partial<Outcome & { kind: string }>][] = [
    ['rate_limited', { kind: 'rate_limited', retryAfterMs: 3_000, status: 429 }],
    ['server_error', { kind: 'unreachable', status: 500 }],
    ['overloaded', { kind: 'overloaded', status: 529 }],
    ['spent', { kind: 'spent' }],
    ['usage_limit', { kind: 'spent' }],
    ['wrong_key', { kind: 'unauthorised' }],
    ['forbidden', { kind: 'unauthorised' }],
    ['reset', { kind: 'unreachable' }],
    ['cut', { kind: 'unreachable' }],
    ['error_event', { kind: 'overloaded' }],
    ['malformed_json', { kind: 'malformed' }],
    ['broken_arguments', { kind: 'malformed' }],
    ['nine_calls', { kind: 'malformed' }],
    ['refusal', { kind: 'refused' }],
    ['context', { kind: 'too_long' }],
  ];

  it.each(FAULTY)('%s is a failure, after one request and without the key', async (fault, expected) => {
    const { ask, server } = await given(parrot(...STEPS), { rules: [{ fault, when: 'all' }], retryAfterSeconds: 3 });
    const outcome = await ask(callOf('claude-sonnet-5-5'));
    expect(outcome).toMatchObject({ ok: false, ...expected });
    expect(JSON.stringify(outcome)).not.toContain(KEY);
    expect(server.requests().total).toBe(1);
  });

  it.each<Fault>(['refusal', 'context', 'nine_calls', 'broken_arguments', 'cut', 'error_event', 'malformed_json'])(
    '%s was paid',
    async (fault) => {
      const { ask } = await given(parrot(...STEPS), { rules: [{ fault, when: 'all' }] });
      const { usage } = await ask(callOf('claude-sonnet-5-5'));
      expect(usage?.inputTokens).toBeGreaterThan(0);
      expect(usage?.outputTokens).toBeGreaterThan(0);
    },
  );

  it.each<[Fault, object]>([
    ['length', { stop: 'length', toolCalls: [] }],
    ['no_call', { stop: 'end', toolCalls: [] }],
    ['empty', { stop: 'end', text: '', toolCalls: [] }],
    ['wrong_arguments', { stop: 'tools', toolCalls: [{ arguments: { unexpected: [1] } }, {}] }],
  ])('%s is an answer that others judge', async (fault, expected) => {
    const { ask } = await given(parrot(...STEPS), { rules: [{ fault, when: 'all' }] });
    expect(await ask(callOf('claude-sonnet-5-5'))).toMatchObject({ ok: true, ...expected });
  });

  it('pause is gone on with', async () => {
    const { ask, server } = await given(parrot(...STEPS), { rules: [{ fault: 'pause', when: { next: 2 } }] });
    const reply = replied(await ask(callOf('claude-sonnet-5-5')));
    expect(reply).toMatchObject({ stop: 'tools' });
    expect(server.requests().fates).toEqual({ answered: 3 });
    const question = { turns: [...questionOf().turns, ...turnsOf(reply)] };
    expect(await ask(callOf('claude-sonnet-5-5', question))).toMatchObject({ ok: true });
  });

  it('hang, before the answer or in the middle of it, ends when the call is aborted', async () => {
    const hangs = [{ fault: 'hang', when: { next: 1 } } as const, { fault: 'hang_midway', when: 'all' } as const];
    const { ask, server } = await given(parrot(...STEPS), { rules: hangs });
    for (const total of [1, 2]) {
      const abort = new AbortController();
      const outcome = ask(callOf('claude-sonnet-5-5'), abort.signal);
      await expect.poll(() => server.requests().total).toBe(total);
      abort.abort();
      expect(await outcome).toMatchObject({ ok: false, kind: 'aborted' });
    }
    await expect.poll(() => server.requests().fates['aborted']).toBe(2);
  });
});
