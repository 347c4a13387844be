import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.ts';

describe('given what calls cost', () => {
  it('when nothing was paid, then there is no usage', () => {
    expect([new Ledger().usage, new Ledger().tokens, new Ledger().costUsd]).toEqual([undefined, 0, 0]);
  });

  it('when several were, then all of it is summed, also what only some counted', () => {
    const ledger = new Ledger();
    ledger.add({ inputTokens: 10, outputTokens: 5, cacheReadTokens: 4 }, 0.5);
    ledger.add({ inputTokens: 20, outputTokens: 6, thinkingTokens: 3 }, 0.25);
    expect(ledger.usage).toEqual({ inputTokens: 30, outputTokens: 11, cacheReadTokens: 4, thinkingTokens: 3 });
    expect([ledger.tokens, ledger.costUsd]).toEqual([41, 0.75]);
  });

  it('when the price of one is not known, then that of all is not', () => {
    const ledger = new Ledger();
    ledger.add({ inputTokens: 1, outputTokens: 1 }, null);
    ledger.add({ inputTokens: 1, outputTokens: 1 }, 0.25);
    expect(ledger.costUsd).toBeNull();
  });
});
