import type { Purpose, Tier } from '@troupe/contract';
import type { Catalogue } from './catalogue.ts';
import type { Model } from './model.ts';
import { costUsd } from './price.ts';

/** What a question wants of a model. */
export interface Wanted {
  tier: Tier;
  purpose: Purpose;
  /** The one model that it insists on, by a name of the catalogue: a dated edition is there if TROUPE_MODEL names it. */
  model?: string | undefined;
  /** Tokens of the prompt, estimated. */
  inputTokens: number;
  /** Tokens of the answer, without thinking. */
  outputTokens: number;
}

/** Better a model that is too able than one that is not able enough. */
const NEAREST_TIERS: Readonly<Record<Tier, readonly Tier[]>> = {
  low: ['low', 'medium', 'high'],
  medium: ['medium', 'high', 'low'],
  high: ['high', 'medium', 'low'],
};

/**
 * The models to ask, the first first: those of the tier whose provider is available and whose context holds the
 * question, the cheapest first; if the tier has none, those of the nearest tier. A question that insists on a model gets
 * that one or none. Empty: nobody can be asked, or nobody holds the prompt.
 */
export function routeFor(catalogue: Catalogue, available: ReadonlySet<string>, wanted: Wanted): Model[] {
  const fits = (model: Model | undefined): model is Model =>
    model !== undefined && available.has(model.provider) && holds(model, wanted);
  if (wanted.model !== undefined) return [catalogue.models.get(wanted.model)].filter(fits);
  for (const tier of NEAREST_TIERS[wanted.tier]) {
    const models = catalogue.routes[tier].map((name) => catalogue.models.get(name)).filter(fits);
    if (models.length > 0) return preferred(cheapestFirst(models, wanted), wanted.purpose);
  }
  return [];
}

function holds({ contextTokens, thinkingTokens }: Model, { inputTokens, outputTokens }: Wanted): boolean {
  return inputTokens + outputTokens + thinkingTokens <= contextTokens;
}

/** Models whose price is not known come last; of equal ones the route's order decides. */
function cheapestFirst(models: readonly Model[], wanted: Wanted): Model[] {
  const { inputTokens, outputTokens } = wanted;
  return models
    .map((model) => ({ model, usd: costUsd(model, { inputTokens, outputTokens }) ?? Infinity }))
    .toSorted((a, b) => (a.usd === b.usd ? 0 : a.usd - b.usd))
    .map(({ model }) => model);
}

/** Who wrote something is kinder to it: a critic is of another family than the one that a draft would be asked of. */
function preferred(models: Model[], purpose: Purpose): Model[] {
  const [writer] = models;
  if (purpose !== 'critique' || !writer) return models;
  const isOther = (model: Model) => model.family !== writer.family;
  return [...models.filter(isOther), ...models.filter((model) => !isOther(model))];
}
