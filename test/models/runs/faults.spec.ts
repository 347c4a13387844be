import { TOKEN_PRESETS } from '@troupe/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasOpenssl } from './certificate.ts';
import { type Fault, FAULTS } from '../faults.ts';
import type { ModelApi } from '../protocols.ts';
import type { ModelServer } from '../serve.ts';
import { startModelServer } from '../server.ts';
import { type ModelCompany, startModelCompany } from './company.ts';

const GOAL = 'How do battery ferries perform in storms and what refunds do passengers get?';
/** A run with one fault: longer waits than these two nobody asks for. */
const RUN_MS_MAX = 30_000;
const TEST_MS_MAX = 60_000;
/** Of a run whose call is never answered. */
const SHORT_DEADLINE_MS = 2_500;
const KEY = 'k-3f9c1d27';

interface Ending {
  status: 'completed' | 'failed';
  because: RegExp;
}
const COMPLETED: Ending = { status: 'completed', because: /^$/ };
const failed = (because: RegExp): Ending => ({ status: 'failed', because });

/** What comes of a run whose first call has this fault. */
const ENDINGS: Readonly<Record<Fault, Ending>> = {
  rate_limited: COMPLETED,
  server_error: COMPLETED,
  overloaded: COMPLETED,
  spent: failed(/\(spent\): \S+: 429 /),
  usage_limit: failed(/\(spent\): \S+: (400|429) .*usage limit/),
  wrong_key: failed(/\(unauthorised\): \S+: 401 .*key/),
  forbidden: failed(/\(unauthorised\): \S+: 403 /),
  reset: COMPLETED,
  hang: failed(/deadline/),
  hang_midway: failed(/deadline/),
  cut: COMPLETED,
  error_event: COMPLETED,
  malformed_json: COMPLETED,
  wrong_arguments: COMPLETED,
  broken_arguments: COMPLETED,
  nine_calls: COMPLETED,
  no_call: COMPLETED,
  empty: COMPLETED,
  refusal: COMPLETED,
  length: COMPLETED,
  pause: COMPLETED,
  context: COMPLETED,
};

/** One of each kind: what a company makes of a failure does not depend on the API, and `asking.spec.ts` has all of them. */
const OF_EACH_KIND: readonly Fault[] = ['rate_limited', 'wrong_key', 'cut', 'no_call', 'refusal', 'length', 'context'];

interface Setting {
  api: ModelApi;
  dialect?: string;
  start(origin: string): Promise<ModelCompany>;
  faults: readonly Fault[];
  /** Where it ends otherwise. */
  otherwise: Partial<Record<Fault, Ending>>;
}

const SETTINGS: readonly Setting[] = [
  {
    api: 'messages',
    start: (origin) => startModelCompany({ ANTHROPIC_API_KEY: KEY }, { 'api.anthropic.com': origin }),
    faults: FAULTS,
    // It says that prompt and answer filled the context, and no model of the route has a larger one.
    otherwise: { context: failed(/\(too_long\): \S+: /) },
  },
  {
    api: 'responses',
    start: (origin) => startModelCompany({ OPENAI_API_KEY: KEY }, { 'api.openai.com': origin }),
    faults: OF_EACH_KIND,
    otherwise: {},
  },
  {
    api: 'chat',
    dialect: 'plain',
    start: (origin) =>
      startModelCompany({ OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: KEY, TROUPE_MODEL: 'local' }),
    faults: OF_EACH_KIND,
    // There is no other model to ask.
    otherwise: { refusal: failed(/\(refused\): local: /) },
  },
];

describe.skipIf(!hasOpenssl()).each(SETTINGS)(
  'a run of a whole company over $api',
  ({ api, dialect, start, faults: struck, otherwise }) => {
    let server: ModelServer;
    let company: ModelCompany;
    beforeAll(async () => {
      server = await startModelServer({ api, dialect });
      company = await start(server.origin);
    });
    afterAll(async () => {
      await company.stop();
      await server.close();
    });

    it.each(struck)(
      'ends as it should when its first call has the fault "%s"',
      async (fault) => {
        server.setFaults({ rules: [{ fault, when: { next: 1 } }] });
        const isHang = fault === 'hang' || fault === 'hang_midway';
        const options = isHang ? { deadline_ms: SHORT_DEADLINE_MS } : {};
        const { body } = await company.run({ goal: GOAL, options }, RUN_MS_MAX);
        const ending = otherwise[fault] ?? ENDINGS[fault];
        expect([body.status, body.reason]).toContain(ending.status);
        expect(body.reason ?? '').toMatch(ending.because);
        const { faults, fates } = server.requests();
        expect(faults[fault]).toBe(1);
        expect(fates.refused).toBeUndefined();
        expect(body.reason ?? '').not.toContain(KEY);
        expect(body.spent.tokens).toBeLessThanOrEqual(TOKEN_PRESETS.xlarge);
      },
      TEST_MS_MAX,
    );
  },
);

describe.skipIf(!hasOpenssl())('a run of a whole company with a fault in every third call', () => {
  let server: ModelServer;
  let company: ModelCompany;
  beforeAll(async () => {
    server = await startModelServer({ api: 'messages' });
    company = await startModelCompany({ ANTHROPIC_API_KEY: KEY }, { 'api.anthropic.com': server.origin });
  });
  afterAll(async () => {
    await company.stop();
    await server.close();
  });

  it.each(FAULTS.filter((fault) => ENDINGS[fault].status === 'completed' && fault !== 'context'))(
    'completes all the same: "%s"',
    async (fault) => {
      server.setFaults({ rules: [{ fault, when: { every: 3 } }] });
      const { body } = await company.run({ goal: GOAL }, RUN_MS_MAX);
      expect({ status: body.status, reason: body.reason }).toEqual({ status: 'completed', reason: undefined });
      expect(server.requests().faults[fault]).toBeGreaterThan(1);
    },
    TEST_MS_MAX,
  );

  it.each(['spent', 'usage_limit', 'wrong_key', 'forbidden', 'context'] as const)(
    'hands in what there is, and says what is missing: "%s"',
    async (fault) => {
      server.setFaults({ rules: [{ fault, when: { every: 3 } }] });
      const { body } = await company.run({ goal: GOAL }, RUN_MS_MAX);
      expect({ status: body.status, reason: body.reason }).toEqual({
        status: 'partial',
        reason: expect.stringContaining('the model did not answer'),
      });
    },
    TEST_MS_MAX,
  );
});
