import { describe, expect, it } from 'vitest';
import type { Conversation } from './character.ts';
import { Ledger, REQUESTS_KEPT_MAX } from './ledger.ts';

const asked = (text: string): Conversation => ({
  system: '',
  messages: [{ role: 'user', text }],
  tools: [],
  choice: 'auto',
  parallelCalls: true,
  effort: 'low',
});

describe('a ledger of requests', () => {
  it('counts all of them, and keeps the last so many', () => {
    const ledger = new Ledger();
    for (let n = 0; n <= REQUESTS_KEPT_MAX; n += 1) ledger.open('/v1', n, {}).end('refused', 400);
    const { total, requests, fates } = ledger.read();
    expect(total).toBe(REQUESTS_KEPT_MAX + 1);
    expect(fates).toEqual({ refused: REQUESTS_KEPT_MAX + 1 });
    expect(requests).toHaveLength(REQUESTS_KEPT_MAX);
    expect(requests[0]?.body).toBe(1);
  });

  it('believes the first that it hears of an end', () => {
    const ledger = new Ledger();
    const entry = ledger.open('/v1', {}, {});
    entry.begin();
    entry.end('answered', 200);
    entry.end('aborted');
    expect(ledger.read()).toMatchObject({ active: 0, activeMax: 1, fates: { answered: 1 } });
  });

  it('tells questions apart by what a model hears of them', () => {
    const ledger = new Ledger();
    for (const text of ['A', 'B', 'A']) ledger.open('/v1', {}, {}).question('m', asked(text));
    const { questions, models } = ledger.read();
    expect(Object.values(questions).toSorted((left, right) => left - right)).toEqual([1, 2]);
    expect(models).toEqual({ m: 3 });
  });
});
