import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { selectProvider } from './select.ts';
import type { ProviderSettings } from './select.ts';

const LOCAL = 'http://127.0.0.1:1/v1';

const folder = mkdtempSync(join(tmpdir(), 'troupe-models-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, yaml: string): string {
  const file = join(folder, name);
  writeFileSync(file, yaml);
  return file;
}

describe('given an environment', () => {
  it.each<[ProviderSettings, string]>([
    [{}, 'offline'],
    [{ anthropicApiKey: '', openaiApiKey: '', openaiBaseUrl: '' }, 'offline'],
    [{ anthropicApiKey: 'k' }, 'anthropic'],
    [{ openaiApiKey: 'k' }, 'openai'],
    [{ anthropicApiKey: 'k', openaiApiKey: 'k' }, 'anthropic+openai'],
    [{ anthropicApiKey: 'k', openaiApiKey: 'k', provider: 'openai' }, 'openai'],
    [{ openaiBaseUrl: LOCAL, model: 'qwen' }, 'compatible'],
    [{ openaiBaseUrl: LOCAL, model: 'qwen', provider: 'openai' }, 'compatible'],
    [{ provider: 'scripted', anthropicApiKey: 'k' }, 'scripted'],
    [{ provider: 'scripted', scriptedLatencyMs: 5, scriptedJitterMs: 5 }, 'scripted'],
    [{ provider: 'offline', openaiApiKey: 'k' }, 'offline'],
  ])('when it is %j, then %s answers', async (settings, name) => {
    expect((await selectProvider(settings)).name).toBe(name);
  });

  it.each<[ProviderSettings, string]>([
    [{ provider: 'anthropic' }, 'TROUPE_MODEL_PROVIDER is anthropic, which needs ANTHROPIC_API_KEY.'],
    [
      { provider: 'compatible', openaiApiKey: 'k' },
      'TROUPE_MODEL_PROVIDER is compatible, which needs OPENAI_BASE_URL.',
    ],
    [{ openaiBaseUrl: LOCAL }, 'say in TROUPE_MODEL which model is asked there'],
    [{ model: 'gpt-5.5' }, 'TROUPE_MODEL is gpt-5.5, but there is no key to ask it with.'],
    [{ model: 'gpt-5.5', anthropicApiKey: 'k' }, 'TROUPE_MODEL is gpt-5.5, which needs OPENAI_API_KEY.'],
    [{ anthropicApiKey: 'k', modelsFile: '/nowhere/models.yaml' }, '/nowhere/models.yaml cannot be read'],
  ])('when it is %j, then it is refused in a sentence that names the setting', async (settings, sentence) => {
    await expect(selectProvider(settings)).rejects.toThrow(sentence);
  });

  it('when models are described in a file of its own, then they can be asked without TROUPE_MODEL', async () => {
    const modelsFile = fileOf('own.yaml', 'models: { qwen: { provider: compatible } }\nroutes: { low: [qwen] }\n');
    expect((await selectProvider({ openaiBaseUrl: LOCAL, modelsFile })).name).toBe('compatible');
  });

  it('when that file is wrong, then the sentence says where', async () => {
    const modelsFile = fileOf('wrong.yaml', 'models:\n  qwen: { provider: compatible, context_tokens: -1 }\n');
    await expect(selectProvider({ openaiBaseUrl: LOCAL, modelsFile })).rejects.toThrow(
      /wrong\.yaml:2: .*context_tokens/,
    );
  });

  it('when nobody is asked over a network, then no SDK and no catalogue is loaded', async () => {
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
    expect(seen.filter((name) => /^(?:openai|@anthropic-ai|yaml|cockatiel)\b/.test(name))).toEqual([]);
  });
});
