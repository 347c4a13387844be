import { describe, expect, it } from 'vitest';
import { questionOf } from '../providers/question.fixture.ts';
import type { Outcome } from '../providers/provider.ts';
import { catalogueOf, failureOf, modelOf, replyOf, sayingProvider } from './calling.fixture.ts';
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
