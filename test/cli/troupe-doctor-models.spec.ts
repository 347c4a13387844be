import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trialsOf } from '@troupe/llm-gateway/trial';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelServer } from '../models/serve.ts';
import { startModelServer } from '../models/server.ts';
import { examine, findings, redirected } from './doctor.fixture.ts';

const KEY = 'sk-ant-api03-this-is-a-secret';
const CLAUDES = ['claude-haiku-5-5', 'claude-haiku-4-5', 'claude-sonnet-5-5', 'claude-opus-5-5', 'claude-opus-5'];

let messages: ModelServer;
let responses: ModelServer;
let env: Record<string, string>;
let folder: string;

// Each examination starts two processes, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-doctor-models-'));
  [messages, responses] = await Promise.all([
    startModelServer({ api: 'messages' }),
    startModelServer({ api: 'responses' }),
  ]);
  env = redirected({ 'https://api.anthropic.com': messages.origin, 'https://api.openai.com': responses.origin });
});
beforeEach(() => {
  messages.setFaults({});
  responses.setFaults({});
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([messages.close(), responses.close()]);
});

/** A file of one's own models. */
function catalogue(yaml: string): string {
  const file = join(folder, 'models.yaml');
  writeFileSync(file, yaml);
  return file;
}

const asked = () => messages.requests().total + responses.requests().total;

describe('the models that the doctor asks', () => {
  it('are all of the routes that there is a key for, once each, with what they showed and cost', async () => {
    const before = asked();
    const found = await findings([], { ...env, ANTHROPIC_API_KEY: KEY });
    const models = [...found.values()].filter(({ check }) => check.startsWith('claude'));
    expect(models.map(({ check, verdict }) => [check, verdict])).toEqual(CLAUDES.map((name) => [name, 'ok']));
    expect(asked() - before).toBe(CLAUDES.length);
    const { says, facts } = found.get('claude-opus-5-5') ?? {};
    expect(says).toMatch(
      /^tool called, arguments valid, streams after .+, done in .+, \d+ \+ \d+ tokens, \$0\.\d+ \(in \$4, out \$20 per million\)$/,
    );
    expect(facts).toMatchObject({ outcome: 'works', inputUsdPerMillion: 4, outputUsdPerMillion: 20 });
    expect(Number(facts?.['costUsd'])).toBeGreaterThan(0);
    expect(Number(facts?.['costUsd'])).toBeLessThan(Number(facts?.['usdMax']));
    expect(Number(facts?.['firstEventMs'])).toBeLessThanOrEqual(Number(facts?.['durationMs']));
  });

  it('of two providers are asked by their own APIs, and what that may cost is said before', async () => {
    const { out, err } = await examine([], { ...env, ANTHROPIC_API_KEY: KEY, OPENAI_API_KEY: KEY });
    for (const model of ['claude-haiku-5-5', 'gpt-6-luna', 'gpt-6-astra'])
      expect(out).toMatch(new RegExp(`^ok +${model} +tool called`, 'm'));
    expect(err).toMatch(/Asks 10 models once each, which may cost \$\d\.\d\d at most; --no-models asks none\./);
    expect(err.indexOf('at most')).toBeLessThan(err.indexOf('Asking claude-haiku-5-5'));
  });

  it('are not asked with --no-models, and without a key the offline model answers', async () => {
    const before = asked();
    const unasked = await findings(['--no-models'], { ...env, ANTHROPIC_API_KEY: KEY });
    expect(unasked.get('models')).toMatchObject({ verdict: 'note', says: expect.stringContaining('claude-haiku-5-5') });
    const keyless = await findings([], env);
    expect(keyless.get('models')?.says).toContain('the built-in offline model answers');
    expect(asked()).toBe(before);
  });

  it('that are behind an address of one’s own have no known price, and are asked by chat completions', async () => {
    const chat = await startModelServer({ api: 'chat', dialect: 'ollama' });
    const local = { OPENAI_BASE_URL: `${chat.origin}/v1`, TROUPE_MODEL: 'qwen3' };
    const { out, err } = await examine([], local);
    await chat.close();
    expect(err).toContain('Asks 1 model once each, at a price that is not known');
    expect(out).toMatch(/^ok +qwen3 +tool called, .+ price unknown/m);
  });
});

describe('a model that does not work', () => {
  it('because of the key is said once per provider, with the setting to change and without the key', async () => {
    messages.setFaults({ rules: [{ fault: 'wrong_key', when: 'all' }] });
    const before = asked();
    const { code, out, err } = await examine([], { ...env, ANTHROPIC_API_KEY: KEY });
    expect(code).toBe(1);
    expect(out).toMatch(
      /^failed +models of anthropic +401 .+\(unauthorised, .+\)\n +→ Set ANTHROPIC_API_KEY to a valid key/m,
    );
    expect(out).not.toContain('claude-');
    expect(asked() - before).toBe(1);
    expect(`${out}${err}`).not.toContain(KEY);
  });

  it('because this key may not use it does not stop the others', async () => {
    messages.setFaults({ rules: [{ fault: 'forbidden', when: 'all', model: 'claude-haiku-5-5' }] });
    const found = await findings([], { ...env, ANTHROPIC_API_KEY: KEY });
    expect(found.get('claude-haiku-5-5')).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('403'),
      change: expect.stringContaining('that may use this model'),
    });
    expect(found.get('claude-opus-5')?.verdict).toBe('ok');
  });

  it('because the account is spent is said once per provider, and the other provider is asked', async () => {
    messages.setFaults({ rules: [{ fault: 'spent', when: 'all' }] });
    const found = await findings([], { ...env, ANTHROPIC_API_KEY: KEY, OPENAI_API_KEY: KEY });
    expect(found.get('models of anthropic')).toMatchObject({
      verdict: 'failed',
      change: expect.stringContaining('Raise the limit of the account'),
      facts: expect.objectContaining({ costUsd: 0 }),
    });
    expect([...found.keys()].filter((check) => check.startsWith('claude'))).toEqual([]);
    expect(found.get('gpt-6-luna')?.verdict).toBe('ok');
  });

  it('because the service does not have it does not stop the others', async () => {
    const own =
      'routes:\n  low: [claude-none]\n  high: [claude-none]\nmodels:\n  claude-none: { provider: anthropic, api: messages }\n';
    const found = await findings([], { ...env, ANTHROPIC_API_KEY: KEY, TROUPE_MODELS: catalogue(own) });
    expect(found.get('claude-none')).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('404'),
      change: expect.stringContaining('The service has no such model for this key: name another model in TROUPE_MODEL'),
    });
    expect(found.get('claude-sonnet-5-5')?.verdict).toBe('ok');
  });

  it('with a parameter is asked without it, as real calls are, and that is told', async () => {
    const own = 'models:\n  claude-haiku-4-5: { efforts: [low] }\n';
    const one = { ...env, ANTHROPIC_API_KEY: KEY, TROUPE_MODELS: catalogue(own), TROUPE_MODEL: 'claude-haiku-4-5' };
    expect((await findings([], one)).get('claude-haiku-4-5')).toMatchObject({
      verdict: 'ok',
      says: expect.stringMatching(/; it refuses output_config and works without$/),
    });
  });

  it('because it never answers is given up when its time is over', async () => {
    const silent = await startModelServer({ api: 'messages', faults: { rules: [{ fault: 'hang', when: 'all' }] } });
    const found = await trialsOf({
      ANTHROPIC_API_KEY: KEY,
      ANTHROPIC_BASE_URL: silent.origin,
      TROUPE_MODEL: 'claude-opus-5-5',
    });
    const [trial] = found.by === 'models' ? found.trials : [];
    const tried = await trial?.attempt(100);
    await silent.close();
    expect(tried).toMatchObject({ outcome: 'timeout', message: 'no answer within 0.1 s', costUsd: null });
  });

  it.each([
    ['rate_limited', /\(rate limited, /, /ask for higher limits or lower TROUPE_MODEL_CONCURRENCY/],
    ['overloaded', /\(overloaded, /, /Try again later/],
    ['reset', /\(unreachable, /, /Check the network, a proxy .+ and ANTHROPIC_BASE_URL/],
    ['no_call', /without calling the tool .+\(no call, /, /A model without tool calls cannot work here/],
    ['wrong_arguments', /\(wrong arguments, /, /Agents ask again/],
    ['refusal', /\(refused, /, /Name another model/],
    ['length', /\(cut, /, /thinking_tokens/],
  ] as const)('because of %s is told so, after one call', async (fault, says, change) => {
    messages.setFaults({ rules: [{ fault, when: 'all' }] });
    const before = asked();
    const one = { ...env, ANTHROPIC_API_KEY: KEY, TROUPE_MODEL: 'claude-sonnet-5-5' };
    const found = await findings([], one);
    expect(found.get('claude-sonnet-5-5')).toMatchObject({
      verdict: 'failed',
      says: expect.stringMatching(says),
      change: expect.stringMatching(change),
    });
    expect(asked() - before).toBe(1);
  });

  it('because a setting is wrong is the sentence that names it', async () => {
    const found = await findings([], { ...env, ANTHROPIC_API_KEY: KEY, TROUPE_MODELS: '/nowhere/models.yaml' });
    expect(found.get('models')).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('/nowhere/models.yaml'),
    });
  });
});
