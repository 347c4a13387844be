import { PURPOSES, type Purpose, TIERS, type Tier } from '@troupe/contract';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Catalogue } from './catalogue.ts';
import { cautiousModel } from './cautious.ts';
import type { Model } from './model.ts';
import { costUsd } from './price.ts';
import { readCatalogue } from './read-catalogue.ts';
import { routeFor, type Wanted } from './route.ts';

const builtIn = readCatalogue();
const ALL = new Set(['anthropic', 'openai', 'compatible']);
const wanted = (different: Partial<Wanted> = {}): Wanted => ({
  tier: 'medium',
  purpose: 'draft',
  inputTokens: 10_000,
  outputTokens: 2_000,
  ...different,
});
const names = (models: readonly Model[]) => models.map(({ name }) => name);
const route = (different: Partial<Wanted> = {}, available: ReadonlySet<string> = ALL, catalogue = builtIn) =>
  names(routeFor(catalogue, available, wanted(different)));

describe('which models are asked', () => {
  it('is the cheapest of the tier first, then the others as they cost more', () => {
    expect(route()[0]).toBe('claude-sonnet-5-5');
    expect(route({ tier: 'low' })[0]).toBe('claude-haiku-5-5');
    expect(route({ tier: 'high' })[0]).toBe('claude-opus-5-5');
    // Haiku costs five times as much from here on.
    expect(route({ tier: 'low', inputTokens: 110_000 })[0]).toBe('gpt-6-luna');
  });

  it.each([
    ['anthropic', { low: 'claude-haiku-5-5', medium: 'claude-sonnet-5-5', high: 'claude-opus-5-5' }],
    ['openai', { low: 'gpt-6-luna', medium: 'gpt-6.1-sol', high: 'gpt-6-astra' }],
  ])('is by default, with a key of %s alone, one of its own for each tier', (provider, defaults) => {
    for (const tier of TIERS) expect(route({ tier }, new Set([provider]))[0]).toBe(defaults[tier]);
  });

  it('is another family for a critique than for a draft, if there is one', () => {
    expect(route({ purpose: 'critique' })[0]).toBe('gpt-6.1-sol');
    expect(route({ purpose: 'critique' }).toSorted()).toEqual(route().toSorted());
    expect(route({ purpose: 'critique' }, new Set(['anthropic']))[0]).toBe('claude-sonnet-5-5');
  });

  it('is the one that the run insists on, alone, or nobody', () => {
    expect(route({ model: 'gpt-5.5' })).toEqual(['gpt-5.5']);
    expect(route({ model: 'claude-fable-5-2', purpose: 'critique' })).toEqual(['claude-fable-5-2']);
    expect(route({ model: 'gpt-5.5' }, new Set(['anthropic']))).toEqual([]);
    expect(route({ model: 'nobody' })).toEqual([]);
    expect(route({ model: 'gpt-5.5', inputTokens: 1_050_000 })).toEqual([]);
  });

  it('is never one of a name that nobody has configured, whatever date it bears', () => {
    for (const date of ['2026-04-23', '20260423', '00000001']) expect(route({ model: `gpt-5.5-${date}` })).toEqual([]);
  });

  it('is one whose context holds prompt, answer and thinking', () => {
    const model = { ...cautiousModel('x', 'compatible'), contextTokens: 1_000, thinkingTokens: 100 };
    const catalogue = { models: new Map([['x', model]]), routes: { low: ['x'], medium: ['x'], high: ['x'] } };
    expect(route({ inputTokens: 700, outputTokens: 200 }, ALL, catalogue)).toEqual(['x']);
    expect(route({ inputTokens: 701, outputTokens: 200 }, ALL, catalogue)).toEqual([]);
  });

  it('is of the nearest tier above, then below, if the tier has nobody', () => {
    const at = (provider: string, name: string) => [name, cautiousModel(name, provider)] as const;
    const models = new Map([at('a', 'l'), at('b', 'm'), at('c', 'h')]);
    const catalogue = { models, routes: { low: ['l'], medium: ['m'], high: ['h'] } };
    const first = (tier: Tier, ...available: string[]) => route({ tier }, new Set(available), catalogue)[0];
    expect(first('low', 'b', 'c')).toBe('m');
    expect(first('medium', 'a', 'c')).toBe('h');
    expect(first('medium', 'a')).toBe('l');
    expect(first('high', 'a', 'b')).toBe('m');
    expect(first('low')).toBeUndefined();
  });

  it('is one of a known price rather than one that may cost anything', () => {
    const dear = { ...cautiousModel('dear', 'compatible'), price: { input: 1_000, output: 1_000 } };
    const models = new Map([
      ['unknown', cautiousModel('unknown', 'compatible')],
      ['dear', dear],
    ]);
    const both = ['unknown', 'dear'];
    expect(route({}, ALL, { models, routes: { low: both, medium: both, high: both } })).toEqual(['dear', 'unknown']);
  });
});

const someModel = fc.record({
  provider: fc.constantFrom('a', 'b', 'c'),
  family: fc.constantFrom('claude', 'gpt', 'qwen'),
  contextTokens: fc.integer({ min: 100, max: 10_000 }),
  thinkingTokens: fc.nat({ max: 1_000 }),
  price: fc.option(fc.record({ input: fc.nat({ max: 20 }), output: fc.nat({ max: 20 }) }), { nil: undefined }),
});
const someCatalogue = fc
  .dictionary(fc.constantFrom('m1', 'm2', 'm3', 'm4', 'm5', 'm6'), someModel, { noNullPrototype: true })
  .chain((described) => {
    const models = new Map(
      Object.entries(described).map(([name, own]) => [name, { ...cautiousModel(name, own.provider), ...own }]),
    );
    const some = fc.subarray([...models.keys()]);
    return fc.record({ low: some, medium: some, high: some }).map((routes): Catalogue => ({ models, routes }));
  });
const someWanted = fc.record({
  tier: fc.constantFrom<Tier>(...TIERS),
  purpose: fc.constantFrom<Purpose>(...PURPOSES),
  model: fc.option(fc.constantFrom('m1', 'm2', 'm9'), { nil: undefined, freq: 3 }),
  inputTokens: fc.nat({ max: 9_000 }),
  outputTokens: fc.nat({ max: 2_000 }),
});
const someProviders = fc.subarray(['a', 'b', 'c']).map((all) => new Set(all));

describe('any catalogue and any question', () => {
  const fits = (model: Model, { inputTokens, outputTokens }: Wanted, available: ReadonlySet<string>) =>
    available.has(model.provider) && inputTokens + outputTokens + model.thinkingTokens <= model.contextTokens;

  test.prop([someCatalogue, someProviders, someWanted])(
    'lead only to models that are there and fit, each once',
    (catalogue, available, want) => {
      const models = routeFor(catalogue, available, want);
      for (const model of models) expect(fits(model, want, available)).toBe(true);
      expect(new Set(names(models)).size).toBe(models.length);
      if (want.model !== undefined) expect(names(models)).toEqual(models.length === 0 ? [] : [want.model]);
    },
  );

  test.prop([someCatalogue, someProviders, someWanted])(
    'lead to all that fit of one tier, and to nobody only if no tier has one',
    (catalogue, available, want) => {
      fc.pre(want.model === undefined);
      const fitting = (tier: Tier) =>
        catalogue.routes[tier].filter((name) => {
          const model = catalogue.models.get(name);
          return model !== undefined && fits(model, want, available);
        });
      const chosen = names(routeFor(catalogue, available, want)).toSorted();
      if (fitting(want.tier).length > 0) expect(chosen).toEqual(fitting(want.tier).toSorted());
      else expect(TIERS.map((tier) => fitting(tier).toSorted().join())).toContain(chosen.join());
      if (chosen.length === 0) expect(TIERS.flatMap(fitting)).toEqual([]);
    },
  );

  test.prop([someCatalogue, someProviders, someWanted])(
    'ask a critic of another family if there is one, and else the cheapest first',
    (catalogue, available, want) => {
      fc.pre(want.model === undefined);
      const usd = (model: Model) => costUsd(model, want) ?? Infinity;
      const writers = routeFor(catalogue, available, { ...want, purpose: 'draft' });
      const critics = routeFor(catalogue, available, { ...want, purpose: 'critique' });
      expect(writers.map(usd)).toEqual(writers.map(usd).toSorted((a, b) => (a === b ? 0 : a - b)));
      const [writer] = writers;
      const isOther = ({ family }: Model) => family !== writer?.family;
      expect(names(critics)).toEqual(
        names([...writers.filter(isOther), ...writers.filter((model) => !isOther(model))]),
      );
    },
  );
});
