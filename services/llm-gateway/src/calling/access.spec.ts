import { describe, expect, it } from 'vitest';
import type { Model } from '../models/model.ts';
import { accessesOf, type AccessSettings } from './access.ts';
import { catalogueOf, modelOf } from './calling.fixture.ts';
import { catalogueFor } from './reachable.ts';

const AZURE = 'https://eu.openai.azure.com/openai/v1';

const claude = modelOf('claude-x', { provider: 'anthropic', api: 'messages' });
const gpt = modelOf('gpt-x', { provider: 'openai', api: 'responses' });
const known = catalogueOf([claude, gpt]);

/** The model that is asked first of the route of the tier `low`. */
function lowOf(settings: AccessSettings): Model | undefined {
  const catalogue = catalogueFor(known, settings, accessesOf(settings));
  return catalogue.models.get(catalogue.routes.low[0] ?? '');
}

describe('given keys and addresses', () => {
  it.each<[AccessSettings, object[]]>([
    [{ anthropicApiKey: 'k' }, [{ name: 'anthropic', apiKey: 'k', baseUrl: undefined }]],
    [
      { anthropicApiKey: 'k', anthropicBaseUrl: 'http://proxy' },
      [{ name: 'anthropic', apiKey: 'k', baseUrl: 'http://proxy' }],
    ],
    [{ openaiApiKey: 'k' }, [{ name: 'openai', apiKey: 'k', baseUrl: undefined }]],
    [
      { openaiApiKey: 'k', openaiBaseUrl: 'https://api.openai.com/v1' },
      [{ name: 'openai', apiKey: 'k', baseUrl: 'https://api.openai.com/v1' }],
    ],
    [{ openaiApiKey: 'k', openaiBaseUrl: AZURE }, [{ name: 'compatible', apiKey: 'k', baseUrl: AZURE }]],
    [{ openaiBaseUrl: AZURE }, [{ name: 'compatible', apiKey: undefined, baseUrl: AZURE }]],
    [{ openaiBaseUrl: 'https://api.openai.com/v1' }, []],
  ])('when they are %j, then those providers can be asked', (settings, accesses) => {
    expect([...accessesOf(settings).values()]).toEqual(accesses);
  });

  it('when both vendors have one, then the routes lead to both', () => {
    const settings = { anthropicApiKey: 'k', openaiApiKey: 'k' };
    expect(accessesOf(settings).size).toBe(2);
    expect(catalogueFor(known, settings, accessesOf(settings)).routes.low).toEqual(['claude-x', 'gpt-x']);
  });
});

describe('given one model for everything', () => {
  const both = { anthropicApiKey: 'k', openaiApiKey: 'k' };

  it('when it is known, then it is asked as it is described, by all tiers, and alone', () => {
    const catalogue = catalogueFor(known, { model: 'gpt-x' }, accessesOf(both));
    expect(catalogue.routes).toEqual({ low: ['gpt-x'], medium: ['gpt-x'], high: ['gpt-x'] });
    expect(catalogue.models.get('gpt-x')).toEqual(gpt);
  });

  it.each<[string, AccessSettings, Partial<Model>]>([
    ['claude-7', both, { provider: 'anthropic', api: 'messages' }],
    ['gpt-7', both, { provider: 'openai', api: 'responses' }],
    ['o9', both, { provider: 'openai', api: 'responses' }],
    ['my-tune', { anthropicApiKey: 'k' }, { provider: 'anthropic' }],
    ['qwen3:8b', { ...both, openaiBaseUrl: AZURE }, { provider: 'compatible', api: 'chat' }],
    ['gpt-x', { openaiBaseUrl: AZURE }, { provider: 'compatible', api: 'chat' }],
    ['gpt-x', { openaiBaseUrl: AZURE, openaiApi: 'responses' }, { provider: 'compatible', api: 'responses' }],
  ])('when it is %s with %j, then it is asked so', (model, settings, asked) => {
    expect(lowOf({ ...settings, model })).toMatchObject({ name: model, ...asked });
  });
});

describe("given another API for OpenAI's models", () => {
  it('when it is chat, then they are asked so, and the others as before', () => {
    const settings: AccessSettings = { anthropicApiKey: 'k', openaiApiKey: 'k', openaiApi: 'chat' };
    const { models } = catalogueFor(known, settings, accessesOf(settings));
    expect([models.get('gpt-x')?.api, models.get('claude-x')?.api]).toEqual(['chat', 'messages']);
  });
});
