import { citedNumbers } from '@troupe/agent';
import { settled } from '@troupe/actor/memory';
import type { Answer, Question } from '@troupe/contract';
import { anthropicProvider } from '@troupe/llm-gateway/anthropic';
import { chatProvider } from '@troupe/llm-gateway/chat';
import { readCatalogue } from '@troupe/llm-gateway/models';
import { responsesProvider } from '@troupe/llm-gateway/responses';
import { afterEach, describe, expect, it } from 'vitest';
import { Company } from '../journeys/company.fixture.ts';
import type { ModelApi } from './protocols.ts';
import type { ModelServer } from './serve.ts';
import { startModelServer } from './server.ts';

type Provider = ReturnType<typeof anthropicProvider>;
type Model = Parameters<Provider['ask']>[0]['model'];

const GOAL = 'How do battery ferries perform in storms and what refunds do passengers get?';
const OUTPUT_TOKENS_MAX = 16_000;
const OUTPUT_TOKENS_MIN = 64;
/** Below what the servers count by, so that a prompt is never thought smaller than it is. */
const CHARS_PER_TOKEN = 3;

const MODELS = [...readCatalogue().models.values()];
const modelNamed = (name: string): Model => {
  const found = MODELS.find((model) => model.name === name);
  if (found === undefined) throw new Error(`${name} is not in the catalogue`);
  return found;
};
/** A model behind a compatible server, of which nobody has said what it can do. */
const LOCAL: Model = {
  ...modelNamed('gpt-5.5'),
  name: 'local',
  api: 'chat',
  forcedCall: false,
  thinking: 'never',
  efforts: [],
  strictSchema: 'none',
  echo: false,
  deviations: { outputLimit: 'max_tokens', forcedChoice: 'required', usageInStream: true, shortCallIds: false },
};

let server: ModelServer | undefined;
let company: Company | undefined;
afterEach(async () => {
  await company?.stop();
  await server?.close();
  [company, server] = [undefined, undefined];
});

const isWire = (api: string): api is ModelApi => api === 'messages' || api === 'responses' || api === 'chat';

function providerOf({ api, provider: name }: Model, origin: string): Provider {
  if (api === 'messages') return anthropicProvider({ name, apiKey: 'k', baseUrl: origin });
  const access = { name, apiKey: 'k', baseUrl: `${origin}/v1` };
  return api === 'responses' ? responsesProvider(access) : chatProvider(access);
}

/** A run of the real agents, whose questions go to a strict server as they are: one request each, nothing mended. */
async function runOn(
  model: Model,
  { character = 'competent', dialect }: { character?: string; dialect?: string } = {},
) {
  if (!isWire(model.api)) throw new Error(`${model.name} is asked over no wire`);
  server = await startModelServer({ api: model.api, character, dialect });
  const provider = providerOf(model, server.origin);
  let asking = 0;
  const ask = async (question: Question): Promise<Answer> => {
    asking += 1;
    const left = question.tokensMax - Math.ceil(JSON.stringify(question).length / CHARS_PER_TOKEN);
    const outputTokensMax = Math.max(OUTPUT_TOKENS_MIN, Math.min(OUTPUT_TOKENS_MAX, left));
    const call = { question, model, outputTokensMax, without: new Set<string>(), echoes: true };
    const outcome = await provider.ask(call, new AbortController().signal);
    asking -= 1;
    if (outcome.ok) return { ...outcome, provider: provider.name, costUsd: null };
    return { ok: false, kind: outcome.kind === 'refused' ? 'refused' : 'rejected', message: outcome.message };
  };
  company = await Company.start({ model: ask });
  company.publish(GOAL);
  do await settled(company.bus, () => asking > 0);
  while (company.journey().ends.length === 0);
  return { end: company.journey().ends[0]?.body, requests: server.requests() };
}

describe('a report run of the real agents on a strict server', () => {
  it.each(MODELS.filter(({ api }) => isWire(api)).map((model) => [model.name, model] as const))(
    'completes with citations on %s, and not one request is refused',
    async (_, model) => {
      const { end, requests } = await runOn(model);
      expect(requests.fates).toEqual({ answered: requests.total });
      expect(end?.status).toBe('completed');
      expect(citedNumbers(end?.markdown ?? '').length).toBeGreaterThan(2);
    },
  );

  it.each(['plain', 'ollama', 'vllm', 'llama.cpp'])('completes on a compatible server as %s is', async (dialect) => {
    const { end, requests } = await runOn(LOCAL, { dialect });
    expect(requests.fates).toEqual({ answered: requests.total });
    expect(end?.status).toBe('completed');
  });

  it.each([
    ['verbose', ['completed']],
    ['sloppy', ['completed', 'partial', 'failed']],
    ['forgetful', ['completed', 'partial', 'failed']],
    ['refusing', ['failed']],
    ['hostile', ['completed']],
  ])('ends with the %s character, and not one request is refused', async (character, endings) => {
    const { end, requests } = await runOn(modelNamed('claude-sonnet-5-5'), { character });
    expect(requests.fates).toEqual({ answered: requests.total });
    expect(endings).toContain(end?.status);
  });
});
