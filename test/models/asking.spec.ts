import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, type Question, SUBMIT_FINDINGS, type Unanswered } from '@troupe/contract';
import { selectProvider } from '@troupe/llm-gateway/providers';
import { toolOffer, toolSpecs } from '@troupe/tools';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, type Character, utterance } from './character.ts';
import type { Fault } from './faults.ts';
import { protocolOf } from './protocols.ts';
import { type ModelServer, serve } from './serve.ts';

/** What the gateway makes of each fault of a service, through the real SDKs, with a second service behind it. */

const folder = mkdtempSync(join(tmpdir(), 'troupe-asking-'));
const modelsFile = join(folder, 'models.yaml');
writeFileSync(
  modelsFile,
  'models: { local: { provider: compatible, context_tokens: 64000 } }\nroutes: { low: [claude-haiku-5-5, local] }\n',
);
afterAll(() => rmSync(folder, { recursive: true }));

const findings = call(SUBMIT_FINDINGS.name, { claims: [], gaps: ['all of it'] });
const saying = (text: string): Character => ({ name: text, reply: () => utterance({ text, calls: [findings] }) });

let first: ModelServer;
let second: ModelServer;
let ask: (different?: Partial<Question>, signal?: AbortSignal) => Promise<Answer>;

beforeAll(async () => {
  first = await serve(protocolOf('messages', undefined), { character: saying('From the first.') });
  second = await serve(protocolOf('chat', 'ollama'), { character: saying('From the second.') });
});
afterAll(async () => {
  await Promise.all([first?.close(), second?.close()]);
});

/** A gateway that has learnt nothing yet. */
beforeEach(async () => {
  const provider = await selectProvider({
    anthropicApiKey: 'sk-ant-test-0123456789abcdef',
    anthropicBaseUrl: first.origin,
    openaiBaseUrl: `${second.origin}/v1`,
    modelsFile,
  });
  ask = (different, signal = new AbortController().signal) => provider.ask(questionOf(different), signal);
  before = [first.requests().total, second.requests().total];
});
afterEach(() => {
  for (const server of [first, second]) server.setFaults({});
});

let before: readonly number[] = [];
/** Requests that each service got in this test. */
const asked = () => [first, second].map((server, nth) => server.requests().total - (before[nth] ?? 0));

const questionOf = (different: Partial<Question> = {}): Question => ({
  id: '0190a8d4-0000-7000-8000-000000000001/r1/0',
  tenant: 'default',
  run: '0190a8d4-0000-7000-8000-000000000001',
  role: 'researcher',
  tier: 'low',
  purpose: 'search',
  system: 'You are a researcher.',
  turns: [{ role: 'user', text: 'What keeps the log?' }],
  tools: [...Object.values(toolSpecs).flatMap((spec) => (spec ? [toolOffer(spec)] : [])), SUBMIT_FINDINGS],
  mustCall: true,
  outputTokensMax: 2_000,
  tokensMax: 100_000,
  timeoutMs: 15_000,
  ...different,
});

const strike = (fault: Fault, next = 1_000) =>
  first.setFaults({ rules: [{ fault, when: { next } }], retryAfterSeconds: 0 });

describe('given two services without faults', () => {
  it('when a question is asked, then the cheaper one answers it, and it is known what it cost', async () => {
    const answer = await ask();
    expect(answer).toMatchObject({ ok: true, provider: 'anthropic', text: 'From the first.', stop: 'tools' });
    expect(answer.costUsd).toBeGreaterThan(0);
    expect(asked()).toEqual([1, 0]);
  });

  it('when another model is insisted on, then that one answers', async () => {
    expect(await ask({ model: 'local' })).toMatchObject({
      provider: 'compatible',
      text: 'From the second.',
      costUsd: null,
    });
    expect(asked()).toEqual([0, 1]);
  });
});

describe('given a service with a fault that passes', () => {
  it.each<Fault>(['rate_limited', 'server_error', 'overloaded', 'reset', 'cut', 'error_event'])(
    'when it is %s once, then it is asked again',
    async (fault) => {
      strike(fault, 1);
      expect(await ask()).toMatchObject({ ok: true, text: 'From the first.' });
      expect(asked()).toEqual([2, 0]);
    },
  );

  it.each<Fault>(['rate_limited', 'server_error', 'overloaded', 'reset', 'cut', 'error_event'])(
    'when it stays %s, then the other service answers',
    async (fault) => {
      strike(fault);
      expect(await ask()).toMatchObject({ ok: true, text: 'From the second.' });
      expect(asked()).toEqual([3, 1]);
    },
  );

  it('when it will not answer, then the other service does', async () => {
    strike('refusal');
    expect(await ask()).toMatchObject({ ok: true, text: 'From the second.' });
    expect(asked()).toEqual([1, 1]);
  });

  it('when an answer is cut off by its limit, then a longer one is asked for', async () => {
    strike('length', 1);
    expect(await ask()).toMatchObject({ ok: true, stop: 'tools', text: 'From the first.' });
    expect(asked()).toEqual([2, 0]);
  });
});

describe('given a service with a fault that no other call mends', () => {
  it.each<[Fault, Unanswered['kind']]>([
    ['wrong_key', 'unauthorised'],
    ['forbidden', 'unauthorised'],
    ['spent', 'spent'],
    ['usage_limit', 'spent'],
    ['nine_calls', 'malformed'],
    ['context', 'too_long'],
  ])('when it is %s, then the question is %s after one call', async (fault, kind) => {
    strike(fault);
    const answer = await ask();
    expect(answer).toMatchObject({ ok: false, kind });
    expect(JSON.stringify(answer)).not.toContain('sk-ant-test');
    expect(asked()).toEqual([1, 0]);
  });

  it.each<Fault>(['hang', 'hang_midway'])('when it %ss, then the question ends with its time', async (fault) => {
    strike(fault);
    expect(await ask({ timeoutMs: 300 })).toMatchObject({ ok: false, kind: 'timeout' });
  });

  it('when it hangs and the asker goes, then the service sees it at once', async () => {
    strike('hang');
    const asker = new AbortController();
    const asking = ask({}, asker.signal);
    await expect.poll(() => asked()).toEqual([1, 0]);
    const aborted = () => first.requests().fates.aborted ?? 0;
    const abortedBefore = aborted();
    asker.abort();
    expect(await asking).toMatchObject({ ok: false, kind: 'timeout' });
    await expect.poll(aborted).toBe(abortedBefore + 1);
  });
});

describe('given a service that is down', () => {
  it('when it has shown that often enough, then it is left alone, and the other answers at once', async () => {
    strike('server_error');
    await ask();
    await ask();
    const callsToFirst = asked()[0];
    expect(callsToFirst).toBe(5);
    expect(await ask()).toMatchObject({ ok: true, text: 'From the second.' });
    expect(asked()).toEqual([5, 3]);
  });
});
