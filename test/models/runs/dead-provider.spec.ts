import { afterEach, describe, expect, it } from 'vitest';
import { hasOpenssl } from './certificate.ts';
import type { ModelServer } from '../serve.ts';
import { startModelServer } from '../server.ts';
import { type ModelCompany, startModelCompany, until } from './company.ts';

const RUNS = 100;
const GOAL = 'How do battery ferries perform in storms and what refunds do passengers get?';
const RUN_MS_MAX = 180_000;
const TEST_MS_MAX = 400_000;
/** By then some runs have ended and others have not begun. */
const REQUESTS_BEFORE_DEATH = 250;
const LATENCY_MS = 100;
/** How long a breaker stays open, and some calls. */
const CLOSES_WITHIN_MS = 90_000;
/** As the metric says it. */
const [CLOSED, OPEN] = [0, 1];

let company: ModelCompany | undefined;
let servers: ModelServer[] = [];
afterEach(async () => {
  await company?.stop();
  await Promise.all(servers.map((server) => server.close()));
  [company, servers] = [undefined, []];
});

describe.skipIf(!hasOpenssl())('100 runs with the keys of two providers, of which one dies', () => {
  it(
    'all complete on the other one; the breaker opens, and closes when the first one is back',
    async () => {
      const faults = { latencyMs: LATENCY_MS };
      const [dying, other] = [
        await startModelServer({ api: 'messages', faults }),
        await startModelServer({ api: 'responses', faults }),
      ];
      servers = [other];
      const keys = { ANTHROPIC_API_KEY: 'k-a', OPENAI_API_KEY: 'k-o' };
      const started = await startModelCompany(keys, {
        'api.anthropic.com': dying.origin,
        'api.openai.com': other.origin,
      });
      company = started;
      const breakers = async () =>
        [...(await started.gatewayMetric('troupe_model_breaker'))].flatMap(([labels, state]) =>
          labels.includes('provider="anthropic"') ? [state] : [],
        );

      let ended = 0;
      const runs = Promise.all(
        Array.from({ length: RUNS }, async () => {
          const { body } = await started.run({ goal: GOAL }, RUN_MS_MAX);
          ended += 1;
          return body.status;
        }),
      );
      await until('it is asked', () => dying.requests().total >= REQUESTS_BEFORE_DEATH, RUN_MS_MAX);
      const endedBefore = ended;
      await dying.close();
      await until('the breaker opens', async () => (await breakers()).includes(OPEN), RUN_MS_MAX);
      const statuses = await runs;
      expect(statuses.filter((status) => status !== 'completed')).toEqual([]);
      expect(endedBefore).toBeLessThan(RUNS);
      expect(other.requests().total).toBeGreaterThan(RUNS - endedBefore);

      const back = await startModelServer({ api: 'messages', port: dying.port });
      servers.push(back);
      const isClosed = async () => {
        // Somebody has to ask for the one call that tries.
        await started.run({ goal: GOAL }, RUN_MS_MAX);
        return (await breakers()).every((state) => state === CLOSED);
      };
      await until('the breakers close', isClosed, CLOSES_WITHIN_MS);
      expect(back.requests().fates.answered).toBeGreaterThan(0);
      expect(back.requests().fates.refused).toBeUndefined();
      expect(other.requests().fates.refused).toBeUndefined();
    },
    TEST_MS_MAX,
  );
});
