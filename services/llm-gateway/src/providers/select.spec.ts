import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { providerName, selectProvider } from './select.ts';
import type { ProviderSettings } from './select.ts';

describe('selecting a provider', () => {
  it.each<[ProviderSettings, string]>([
    [{}, 'offline'],
    [{ anthropicApiKey: '', openaiApiKey: '' }, 'offline'],
    [{ openaiApiKey: 'k' }, 'openai'],
    [{ openaiBaseUrl: 'http://127.0.0.1:1/v1' }, 'openai'],
    [{ anthropicApiKey: 'k', openaiApiKey: 'k' }, 'anthropic'],
    [{ provider: 'scripted', anthropicApiKey: 'k' }, 'scripted'],
    [{ provider: 'offline', openaiApiKey: 'k' }, 'offline'],
  ])('given %j takes %s', (settings, name) => {
    expect(providerName(settings)).toBe(name);
  });

  it.each<ProviderSettings>([
    { provider: 'offline' },
    { provider: 'scripted', scriptedLatencyMs: 5, scriptedJitterMs: 5 },
    { provider: 'openai', openaiApiKey: 'k' },
    { provider: 'anthropic', anthropicApiKey: 'k' },
  ])('given %j makes a provider of that name', async (settings) => {
    expect((await selectProvider(settings)).name).toBe(settings.provider);
  });

  it('says which setting is missing', async () => {
    await expect(selectProvider({ provider: 'anthropic' })).rejects.toThrow('API key');
    await expect(selectProvider({ openaiBaseUrl: 'http://127.0.0.1:1/v1' })).rejects.toThrow('model');
  });

  it('loads no SDK for a provider that needs none', async () => {
    const script = `
      import { registerHooks } from 'node:module';
      const seen = [];
      registerHooks({ resolve: (name, context, next) => (seen.push(name), next(name, context)) });
      const { selectProvider } = await import(${JSON.stringify(new URL('select.ts', import.meta.url).href)});
      await selectProvider({ provider: 'offline' });
      await selectProvider({ provider: 'scripted' });
      console.log(JSON.stringify(seen));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    const seen: string[] = JSON.parse(stdout);
    expect(seen).toContain('./offline/provider.ts');
    expect(seen.filter((name) => /^(?:openai|@anthropic-ai)\b/.test(name))).toEqual([]);
  });
});
