import { describe, expect, it } from 'vitest';
import { questionOf } from '../providers/question.fixture.ts';
import type { Outcome } from '../providers/provider.ts';
import { catalogueOf, failureOf, hanging, modelOf, replyOf, rigOf, sayingProvider } from './calling.fixture.ts';
import { CALL_MS_MAX } from './inquiry.ts';
import { Models } from './models.ts';

const never = new AbortController().signal;
const AT_ONCE_MAX = 4;

/** A model that takes four calls at once and refuses more, as services do that have such a limit. */
function busy() {
  let open = 0;
  const seen = { refused: 0, most: 0 };
  const provider = sayingProvider('a-inc', async (): Promise<Outcome> => {
    if (open >= AT_ONCE_MAX) {
      seen.refused += 1;
      return failureOf('rate_limited');
    }
    open += 1;
    seen.most = Math.max(seen.most, open);
    await new Promise((resolve) => setTimeout(resolve, 5));
    open -= 1;
    return replyOf();
  });
  return { provider, seen };
}

describe('given one model that takes four calls at once', () => {
  it('when 200 questions come together, then none fails, and it is asked too much only once', async () => {
    const { provider, seen } = busy();
    const catalogue = catalogueOf([modelOf('a')]);
    const models = new Models({ name: 'a', catalogue, available: new Set(['a-inc']), providerOf: () => provider });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => models.ask(questionOf({ id: `q${index}` }), never)),
    );
    expect(answers.filter(({ ok }) => !ok)).toEqual([]);
    expect(seen).toEqual({ refused: 200 - AT_ONCE_MAX, most: AT_ONCE_MAX });
  });
});

describe('given a connection that hangs', () => {
  it('when a call has taken as long as one may, then it is asked again, and the run has time left', async () => {
    const provider = sayingProvider('a-inc', hanging, replyOf());
    const { models, clock, called } = rigOf({ model: modelOf('a'), provider });
    const answer = models.ask(questionOf({ timeoutMs: 2 * CALL_MS_MAX }), never);
    await expect.poll(() => provider.calls.length).toBe(1);
    clock.pass(CALL_MS_MAX - 1);
    expect(called).toEqual([]);
    clock.pass(1);
    expect(await answer).toMatchObject({ ok: true });
    expect(called).toEqual(['a:timeout', 'a:ok']);
  });
});
