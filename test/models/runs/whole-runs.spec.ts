import { citedNumbers } from '@troupe/agent';
import { TOKEN_PRESETS } from '@troupe/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { hasOpenssl } from './certificate.ts';
import type { ModelApi } from '../protocols.ts';
import type { ModelServer } from '../serve.ts';
import { startModelServer } from '../server.ts';
import { type Ended, type ModelCompany, startModelCompany } from './company.ts';

const GOAL = 'How do battery ferries perform in storms and what refunds do passengers get?';
const RUN_MS_MAX = 60_000;
const TEST_MS_MAX = 120_000;
const ANTHROPIC = 'api.anthropic.com';
const OPENAI = 'api.openai.com';
const CITATIONS_MIN = 3;

/** What is worth knowing of a run; `durableMessages` are those of the scripted workload without a second round. */
const SOUND = {
  status: 'completed',
  reason: undefined,
  durableMessages: 20,
  isCited: true,
  isWithinBudget: true,
  cost: 'known',
};
const ASKED = { isAsked: true, isEachAnswered: true, factsToldTo: 0 };

let company: ModelCompany | undefined;
let servers: ModelServer[] = [];
afterEach(async () => {
  await company?.stop();
  await Promise.all(servers.map((server) => server.close()));
  [company, servers] = [undefined, []];
});

async function serve(api: ModelApi, dialect?: string): Promise<ModelServer> {
  const server = await startModelServer({ api, dialect });
  servers.push(server);
  return server;
}

function soundness({ body: { status, reason, markdown, spent }, durableMessages }: Ended): object {
  const isCited = citedNumbers(markdown).length >= CITATIONS_MIN;
  const isWithinBudget = spent.tokens > 0 && spent.tokens <= TOKEN_PRESETS.xlarge;
  const cost = spent.costUsd === null ? 'unknown' : spent.costUsd > 0 ? 'known' : 'nothing';
  return { status, reason, durableMessages, isCited, isWithinBudget, cost };
}

/** Refused, repeated and broken off are all told by what was not answered. */
function asking(server: ModelServer): object {
  const { fates, total, requests } = server.requests();
  const told = requests.filter(({ body }) => JSON.stringify(body).includes('"facts"'));
  return { isAsked: total > 0, isEachAnswered: fates.answered === total, factsToldTo: told.length };
}

describe.skipIf(!hasOpenssl())('a report run of a whole company, with default settings', () => {
  it(
    'completes with ANTHROPIC_API_KEY alone, at the default address',
    async () => {
      const server = await serve('messages');
      company = await startModelCompany({ ANTHROPIC_API_KEY: 'k-a' }, { [ANTHROPIC]: server.origin });
      expect(soundness(await company.run({ goal: GOAL }, RUN_MS_MAX))).toEqual(SOUND);
      expect(asking(server)).toEqual(ASKED);
      expect(company.strangers).toEqual([]);
    },
    TEST_MS_MAX,
  );

  it(
    'completes with OPENAI_API_KEY alone, at the default address',
    async () => {
      const server = await serve('responses');
      company = await startModelCompany({ OPENAI_API_KEY: 'k-o' }, { [OPENAI]: server.origin });
      expect(soundness(await company.run({ goal: GOAL }, RUN_MS_MAX))).toEqual(SOUND);
      expect(asking(server)).toEqual(ASKED);
      expect(company.strangers).toEqual([]);
    },
    TEST_MS_MAX,
  );

  it.each(['plain', 'ollama', 'vllm', 'llama.cpp'])(
    'completes with OPENAI_BASE_URL and TROUPE_MODEL, on chat completions as %s has them, at a cost that nobody knows',
    async (dialect) => {
      const server = await serve('chat', dialect);
      company = await startModelCompany({ OPENAI_BASE_URL: `${server.origin}/v1`, TROUPE_MODEL: 'local-model' });
      expect(soundness(await company.run({ goal: GOAL }, RUN_MS_MAX))).toEqual({ ...SOUND, cost: 'unknown' });
      expect(asking(server)).toEqual(ASKED);
    },
    TEST_MS_MAX,
  );

  it(
    'completes with both keys, and asks both',
    async () => {
      const [messages, responses] = [await serve('messages'), await serve('responses')];
      const keys = { ANTHROPIC_API_KEY: 'k-a', OPENAI_API_KEY: 'k-o' };
      company = await startModelCompany(keys, { [ANTHROPIC]: messages.origin, [OPENAI]: responses.origin });
      expect(soundness(await company.run({ goal: GOAL }, RUN_MS_MAX))).toEqual(SOUND);
      expect([asking(messages), asking(responses)]).toEqual([ASKED, ASKED]);
      expect(company.strangers).toEqual([]);
    },
    TEST_MS_MAX,
  );
});
