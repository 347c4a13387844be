import { describe, expect, it } from 'vitest';
import { CACHED_TOKENS_MIN, PREFIXES_KEPT_MAX, PromptCache } from './prompt-cache.ts';
import { RESPONSES_KEPT_MAX, ResponseStore } from './response-store.ts';

describe('what a Responses server keeps', () => {
  it('is so many responses, of which the oldest goes', () => {
    const store = new ResponseStore();
    const item = (id: string) => ({ type: 'message' as const, role: 'user' as const, content: 'x', id });
    for (let at = 0; at <= RESPONSES_KEPT_MAX; at += 1) store.keep(`resp_${at}`, [item(`msg_${at}`)]);
    expect(store.size).toBe(RESPONSES_KEPT_MAX);
    expect([store.conversation('resp_0'), store.item('msg_0')]).toEqual([undefined, undefined]);
    expect(store.item(`msg_${RESPONSES_KEPT_MAX}`)).toEqual(item(`msg_${RESPONSES_KEPT_MAX}`));
  });

  it('is so many beginnings of prompts, of which the oldest goes', () => {
    const cache = new PromptCache();
    const long = 'x'.repeat(CACHED_TOKENS_MIN * 4);
    const cached = () => cache.count([long]).cachedTokens;
    cached();
    expect(cached()).toBeGreaterThan(0);
    for (let at = 1; at < PREFIXES_KEPT_MAX; at += 1) cache.count([String(at)]);
    expect(cached()).toBeGreaterThan(0);
    cache.count(['one more']);
    expect(cached()).toBe(0);
  });
});
