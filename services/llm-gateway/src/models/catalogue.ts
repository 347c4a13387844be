import type { Tier } from '@troupe/contract';
import { CatalogueFile, type ModelEntry, type Rates } from './catalogue-file.ts';
import { cautiousModel } from './cautious.ts';
import { parseLocatedYaml } from './located-yaml.ts';
import type { Model, Price } from './model.ts';

export interface Catalogue {
  /** By name. */
  models: ReadonlyMap<string, Model>;
  /** Names of models, each in `models`. */
  routes: Readonly<Record<Tier, readonly string[]>>;
}

const EMPTY: Catalogue = { models: new Map(), routes: { low: [], medium: [], high: [] } };

/**
 * Reads a file of models. On top of `base` it changes single values of the models that it names, adds those that are new
 * there, and replaces the routes that it names. Throws an Error that names file, line, path and what is wrong.
 */
export function loadCatalogue(yaml: string, file: string, base: Catalogue = EMPTY): Catalogue {
  const { models: entries, routes } = parseLocatedYaml(fileOver(base), yaml, file);
  const models = new Map(base.models);
  for (const [name, entry] of Object.entries(entries)) models.set(name, modelOf(name, entry, base));
  const { low = base.routes.low, medium = base.routes.medium, high = base.routes.high } = routes;
  return { models, routes: { low, medium, high } };
}

/** The model of a provider by name, or a dated edition of it; of an unknown one the most is assumed that can go wrong. */
export function modelNamed(catalogue: Catalogue, name: string, provider: string): Model {
  const known = knownModel(catalogue, name);
  return known?.provider === provider ? known : cautiousModel(name, provider);
}

const DATE = /-(\d{8}|\d{4}-\d{2}-\d{2})$/;

/** A model that the catalogue describes; `gpt-5.5-2026-04-23` is `gpt-5.5` under that name. */
export function knownModel({ models }: Catalogue, name: string): Model | undefined {
  const undated = models.get(name.replace(DATE, ''));
  return models.get(name) ?? (undated && { ...undated, name });
}

/** A file whose models are complete and whose routes lead somewhere, together with what is known already. */
function fileOver(base: Catalogue) {
  return CatalogueFile.superRefine(({ models, routes }, context) => {
    const refuse = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message, input: undefined });
    for (const [name, entry] of Object.entries(models)) {
      if (entry.provider === undefined && !base.models.has(name)) refuse(['models', name, 'provider'], 'is missing');
      for (const { key, message } of contradictions(modelOf(name, entry, base))) refuse(['models', name, key], message);
    }
    for (const [tier, names] of Object.entries(routes))
      for (const [index, name] of (names ?? []).entries())
        if (!Object.hasOwn(models, name) && !base.models.has(name))
          refuse(['routes', tier, index], `${name} is not a model of this file`);
  });
}

function contradictions(model: Model): { key: keyof ModelEntry; message: string }[] {
  const wrong: { key: keyof ModelEntry; message: string; is: boolean }[] = [
    {
      key: 'output_tokens_max',
      message: 'must not be more than context_tokens',
      is: model.outputTokensMax > model.contextTokens,
    },
    {
      key: 'thinking_tokens',
      message: 'must be less than output_tokens_max',
      is: model.thinkingTokens >= model.outputTokensMax,
    },
    {
      key: 'usd_per_million_tokens_above',
      message: 'needs usd_per_million_tokens',
      is: model.priceAbove.length > 0 && model.price === undefined,
    },
    // An API is asked at its own vendor's address, with the key of the model's provider.
    {
      key: 'api',
      message: 'must be messages, which alone anthropic has',
      is: model.provider === 'anthropic' && model.api !== 'messages',
    },
    {
      key: 'api',
      message: 'must be responses or chat, which openai has',
      is: model.provider === 'openai' && model.api === 'messages',
    },
  ];
  return wrong.filter(({ is }) => is);
}

function modelOf(name: string, entry: ModelEntry, base: Catalogue): Model {
  const assumed = base.models.get(name) ?? cautiousModel(name, entry.provider ?? '');
  return {
    name,
    provider: entry.provider ?? assumed.provider,
    api: entry.api ?? assumed.api,
    family: entry.family ?? assumed.family,
    contextTokens: entry.context_tokens ?? assumed.contextTokens,
    outputTokensMax: entry.output_tokens_max ?? assumed.outputTokensMax,
    ...pricesOf(entry, assumed),
    forcedCall: entry.forced_call ?? assumed.forcedCall,
    thinking: entry.thinking ?? assumed.thinking,
    thinkingTokens: entry.thinking_tokens ?? assumed.thinkingTokens,
    efforts: entry.efforts ?? assumed.efforts,
    strictSchema: entry.strict_schema ?? assumed.strictSchema,
    strictToolsMax: entry.strict_tools_max ?? assumed.strictToolsMax,
    echo: entry.echo ?? assumed.echo,
    cacheMarkers: entry.cache_markers ?? assumed.cacheMarkers,
    charsPerToken: entry.chars_per_token ?? assumed.charsPerToken,
    deviations: deviationsOf(entry, assumed),
  };
}

function deviationsOf({ deviations = {} }: ModelEntry, assumed: Model): Model['deviations'] {
  return {
    outputLimit: deviations.output_limit ?? assumed.deviations.outputLimit,
    forcedChoice: deviations.forced_choice ?? assumed.deviations.forcedChoice,
    usageInStream: deviations.usage_in_stream ?? assumed.deviations.usageInStream,
    shortCallIds: deviations.short_call_ids ?? assumed.deviations.shortCallIds,
  };
}

/** A new price is the whole price: the old one's steps do not go with it. */
function pricesOf(entry: ModelEntry, assumed: Model): Pick<Model, 'price' | 'priceAbove'> {
  const { usd_per_million_tokens: rates, usd_per_million_tokens_above: steps } = entry;
  const price = rates ? priceOf(rates) : assumed.price;
  if (!steps) return { price, priceAbove: rates ? [] : assumed.priceAbove };
  const priceAbove = steps.map((step) => ({ inputTokens: step.prompt_tokens, price: priceOf(step) }));
  return { price, priceAbove: priceAbove.toSorted((a, b) => a.inputTokens - b.inputTokens) };
}

function priceOf({ input, output, cache_read: cacheRead, cache_write: cacheWrite }: Rates): Price {
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
  };
}
