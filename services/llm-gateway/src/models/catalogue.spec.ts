import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TIERS } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Catalogue, knownModel, loadCatalogue, modelNamed } from './catalogue.ts';
import { YAML_CHARS_MAX } from './located-yaml.ts';
import { readCatalogue } from './read-catalogue.ts';

const builtIn = readCatalogue();
const load = (yaml: string, base?: Catalogue) => loadCatalogue(yaml, 'my.yaml', base);
const model = (catalogue: Catalogue, name: string) => catalogue.models.get(name);

const SETTINGS = [
  'provider',
  'api',
  'family',
  'context_tokens',
  'output_tokens_max',
  'usd_per_million_tokens',
  'forced_call',
  'thinking',
  'thinking_tokens',
  'efforts',
  'strict_schema',
  'strict_tools_max',
  'echo',
  'cache_markers',
  'chars_per_token',
];

describe('the models that come with the gateway', () => {
  it('say everything themselves: nothing about them is assumed', () => {
    const { models } = parse(readFileSync(new URL('../../models.yaml', import.meta.url), 'utf8')) as {
      models: Record<string, object>;
    };
    for (const [name, settings] of Object.entries(models))
      expect([name, ...Object.keys(settings)]).toEqual(expect.arrayContaining([name, ...SETTINGS]));
  });

  it.each([
    ['claude-haiku-5-5', { api: 'messages', forcedCall: true, thinking: 'optional' }],
    ['claude-sonnet-5-5', { api: 'messages', forcedCall: false, thinking: 'always' }],
    ['claude-opus-5-5', { api: 'messages', forcedCall: false, thinking: 'always' }],
    ['claude-fable-5-1', { api: 'messages', forcedCall: false, thinking: 'always' }],
    ['claude-fable-5-2', { api: 'messages', forcedCall: false, thinking: 'always' }],
    ['claude-opus-5', { api: 'messages', forcedCall: true, thinking: 'optional' }],
    [
      'claude-haiku-4-5',
      {
        api: 'messages',
        forcedCall: true,
        thinking: 'never',
        efforts: [],
        contextTokens: 200_000,
        outputTokensMax: 64_000,
      },
    ],
    ['gpt-5.5', { api: 'responses', forcedCall: true, efforts: ['none', 'low', 'medium', 'high', 'xhigh'] }],
    ['gpt-5.6-sol', { api: 'responses', efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'] }],
    ['gpt-6-luna', { api: 'responses', efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'] }],
    ['gpt-6.1-terra', { api: 'responses', efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'] }],
    ['gpt-6.1-sol', { api: 'responses', efforts: ['low', 'medium', 'high', 'xhigh', 'max'] }],
    ['gpt-6-astra', { api: 'responses', efforts: ['low', 'medium', 'high', 'xhigh', 'max'] }],
  ])('hold %s as its service takes it', (name, settings) => {
    expect(model(builtIn, name)).toMatchObject(settings);
  });

  it('are offered no effort above high where thinking can be switched off, because the two exclude each other', () => {
    const optional = [...builtIn.models.values()].filter(
      ({ api, thinking }) => api === 'messages' && thinking === 'optional',
    );
    expect(optional).not.toEqual([]);
    for (const { efforts } of optional) expect(efforts).toEqual(['low', 'medium', 'high']);
  });

  it('have a route for every tier and with every key', () => {
    for (const tier of TIERS) {
      const providers = builtIn.routes[tier].map((name) => model(builtIn, name)?.provider);
      expect(providers).toEqual(expect.arrayContaining(['anthropic', 'openai']));
    }
  });

  it('cost twice for input and one and a half times for output above 272,000 tokens at OpenAI', () => {
    const models = [...builtIn.models.values()].filter(({ provider }) => provider === 'openai');
    expect(models.length).toBeGreaterThan(0);
    for (const { name, price, priceAbove } of models) {
      const [step, ...others] = priceAbove;
      expect([name, step?.inputTokens, others]).toEqual([name, 272_000, []]);
      for (const key of ['input', 'cacheRead', 'cacheWrite'] as const)
        expect([name, key, step?.price[key]]).toEqual([
          name,
          key,
          price?.[key] === undefined ? undefined : price[key] * 2,
        ]);
      expect([name, step?.price.output]).toEqual([name, (price?.output ?? 0) * 1.5]);
    }
  });
});

describe('a file of models', () => {
  const mine = `
routes: { low: [mine, gpt-5.5] }
models:
  mine:
    provider: compatible
    context_tokens: 8192
    output_tokens_max: 4096
    thinking_tokens: 0
    deviations: { forced_choice: any }
  gpt-5.5: { forced_call: false, usd_per_million_tokens: { input: 1, output: 2 } }
`;

  it('adds models, changes single values and replaces routes by tier, and leaves the rest', () => {
    const catalogue = load(mine, builtIn);
    expect(model(catalogue, 'mine')).toMatchObject({
      name: 'mine',
      api: 'chat',
      contextTokens: 8192,
      price: undefined,
      deviations: { forcedChoice: 'any', outputLimit: 'max_tokens', usageInStream: true },
    });
    const before = model(builtIn, 'gpt-5.5');
    expect(model(catalogue, 'gpt-5.5')).toEqual({
      ...before,
      forcedCall: false,
      price: { input: 1, output: 2 },
      priceAbove: [],
    });
    expect(model(catalogue, 'gpt-6-luna')).toEqual(model(builtIn, 'gpt-6-luna'));
    expect(catalogue.routes).toEqual({ ...builtIn.routes, low: ['mine', 'gpt-5.5'] });
    expect(before?.forcedCall).toBe(true);
  });

  it('may have steps of prices in any order', () => {
    const above =
      '[{ prompt_tokens: 20, input: 2, output: 2 }, { prompt_tokens: 10, input: 1, output: 1, cache_read: 0 }]';
    const catalogue = load(`models: { gpt-5.5: { usd_per_million_tokens_above: ${above} } }`, builtIn);
    expect(model(catalogue, 'gpt-5.5')?.priceAbove).toEqual([
      { inputTokens: 10, price: { input: 1, output: 1, cacheRead: 0 } },
      { inputTokens: 20, price: { input: 2, output: 2 } },
    ]);
  });

  it.each([
    [
      'holds a figure that cannot be',
      'models:\n  gpt-5.5:\n    context_tokens: 0',
      '3: models.gpt-5.5.context_tokens: must be a positive integer',
    ],
    [
      'holds a text for a figure',
      'models:\n  gpt-5.5:\n    context_tokens: many',
      '3: models.gpt-5.5.context_tokens: must be a positive integer',
    ],
    [
      'has a negative price',
      'models:\n  gpt-5.5:\n    usd_per_million_tokens: { input: -1, output: 1 }',
      '3: models.gpt-5.5.usd_per_million_tokens.input: must be 0 or more',
    ],
    [
      'has half a price',
      'models:\n  gpt-5.5:\n    usd_per_million_tokens: { input: 1 }',
      '3: models.gpt-5.5.usd_per_million_tokens.output: must be a number of US dollars',
    ],
    [
      'has a setting that is not known',
      'models:\n  gpt-5.5:\n    echo: true\n    ehco: true',
      '4: models.gpt-5.5.ehco: is not known',
    ],
    ['has a part that is not known', 'routes: {}\nmodel: {}', '2: model: is not known'],
    [
      'names an effort that is not known',
      'models:\n  gpt-5.5:\n    efforts:\n      - low\n      - huge',
      '5: models.gpt-5.5.efforts.1: ',
    ],
    ['names an API that is not known', 'models:\n  gpt-5.5:\n    api: offline', '3: models.gpt-5.5.api: '],
    ['has a model of nobody', 'models:\n\n  mine: { family: x }', '3: models.mine.provider: is missing'],
    [
      'would ask Anthropic with the key of OpenAI',
      'models:\n  mine:\n    provider: openai\n    api: messages',
      '4: models.mine.api: must be responses or chat',
    ],
    [
      'would ask OpenAI with the key of Anthropic',
      'models:\n  mine:\n    provider: anthropic\n    api: chat',
      '4: models.mine.api: must be messages',
    ],
    ['has a model without settings', 'models:\n  gpt-5.5:', '2: models.gpt-5.5: must hold settings by name'],
    [
      'has an answer that is longer than its context',
      'models:\n  gpt-5.5:\n    context_tokens: 10',
      '2: models.gpt-5.5.output_tokens_max: must not be more than context_tokens',
    ],
    [
      'leaves nothing to an answer after thinking',
      'models:\n  gpt-5.5:\n    thinking_tokens: 128000',
      '3: models.gpt-5.5.thinking_tokens: must be less than output_tokens_max',
    ],
    [
      'has steps of a price that is not known',
      'models:\n  mine:\n    provider: compatible\n    usd_per_million_tokens_above: [{ prompt_tokens: 1, input: 1, output: 1 }]',
      '4: models.mine.usd_per_million_tokens_above: needs usd_per_million_tokens',
    ],
    [
      'has a route to nowhere',
      'routes:\n  low:\n    - gpt-5.5\n    - nobody',
      '4: routes.low.1: nobody is not a model of this file',
    ],
    [
      'has a route to what every object has',
      'routes:\n  low: [constructor]',
      '2: routes.low.0: constructor is not a model of this file',
    ],
    ['has an empty route', 'routes:\n  low: []', '2: routes.low: must name a model'],
    ['names a tier that is not known', 'routes:\n  top: [gpt-5.5]', '2: routes.top: is not known'],
    ['names a setting twice', 'models:\n  gpt-5.5:\n    echo: true\n    echo: false', '4: is not YAML: '],
    ['is not YAML', 'models: {}\nroutes: }', '2: is not YAML: '],
    ['is empty', '', '1: the file: '],
    ['is a list', '- a', '1: the file: '],
  ])('that %s is refused with a sentence that names file, line and place', (_what, yaml, message) => {
    expect(() => load(yaml, builtIn)).toThrow(`my.yaml:${message}`);
  });

  it('tells several mistakes at once, but not all of very many', () => {
    const yaml = `models: { gpt-5.5: { ${Array.from({ length: 9 }, (_, index) => `wrong${index}: 1`).join(', ')} } }`;
    expect(() => load(yaml, builtIn)).toThrow(/wrong0.*; .*wrong4: is not known$/);
  });

  it('may not unfold aliases, and not be endless', () => {
    expect(() => load('models: &a {}\nroutes: *a')).toThrow('my.yaml: aliases are not taken');
    expect(() => load('#'.repeat(YAML_CHARS_MAX + 1))).toThrow(`my.yaml is longer than ${YAML_CHARS_MAX} characters`);
  });

  it('is read on top of the gateway’s own, and named by its path when it is wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'models-'));
    const file = join(folder, 'mine.yaml');
    try {
      writeFileSync(file, mine);
      expect(readCatalogue(file)).toEqual(load(mine, builtIn));
      writeFileSync(file, 'routes: { low: [nobody] }');
      expect(() => readCatalogue(file)).toThrow(`${file}:1: routes.low.0: `);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that is not there is refused by its name', () => {
    expect(() => readCatalogue('/nowhere/models.yaml')).toThrow(/^\/nowhere\/models\.yaml cannot be read: /);
  });
});

describe('a model by its name', () => {
  it('is the one of the catalogue, under the name that was asked for where it is a dated edition', () => {
    expect(modelNamed(builtIn, 'gpt-5.5', 'openai')).toBe(model(builtIn, 'gpt-5.5'));
    const dated = { ...model(builtIn, 'gpt-5.5'), name: 'gpt-5.5-2026-04-23' };
    expect(modelNamed(builtIn, 'gpt-5.5-2026-04-23', 'openai')).toEqual(dated);
    expect(knownModel(builtIn, 'claude-haiku-4-5-20251001')).toMatchObject({ contextTokens: 200_000 });
    expect(knownModel(builtIn, 'gpt-5.5-pro')).toBeUndefined();
  });

  it.each([
    ['claude-next', 'anthropic', { api: 'messages', family: 'claude', forcedCall: false }],
    ['gpt-next', 'openai', { api: 'responses', family: 'gpt', echo: false }],
    [
      'qwen3:8b',
      'compatible',
      { api: 'chat', family: 'qwen', deviations: { outputLimit: 'max_tokens', shortCallIds: false } },
    ],
    ['mistral/Mistral-Large', 'compatible', { api: 'chat', family: 'mistral', deviations: { shortCallIds: true } }],
    ['7', 'constructor', { api: 'chat', family: '7' }],
  ])('that nobody has described (%s at %s) is asked for nothing that it may refuse', (name, provider, settings) => {
    const cautious = { name, provider, price: undefined, efforts: [], strictSchema: 'none', strictToolsMax: 0 };
    expect(modelNamed(builtIn, name, provider)).toMatchObject({ ...cautious, ...settings });
  });

  it('is not taken for another provider’s of that name, whose prices and limits are not the same', () => {
    expect(modelNamed(builtIn, 'gpt-5.5', 'compatible')).toMatchObject({
      provider: 'compatible',
      api: 'chat',
      price: undefined,
    });
  });
});
