import { type Catalogue, knownModel, modelNamed } from '../models/catalogue.ts';
import type { Api, Model } from '../models/model.ts';
import { readCatalogue } from '../models/read-catalogue.ts';
import { type Accesses, type AccessSettings, chosenAccesses, type ChoiceSettings, NEEDS } from './access.ts';

/** The models that the settings lead to, or undefined if nobody is asked. Throws, naming the setting, if one is wrong. */
export function reachableModels(
  settings: ChoiceSettings & { modelsFile?: string | undefined },
): { accesses: Accesses; catalogue: Catalogue } | undefined {
  const accesses = chosenAccesses(settings);
  if (accesses.size === 0) return undefined;
  return { accesses, catalogue: catalogueFor(readCatalogue(settings.modelsFile), settings, accesses) };
}

/**
 * The catalogue as the settings change it: `model` alone on every route, known or not; another API. Throws, naming the
 * setting, if nothing that is left on a route can be asked.
 */
export function catalogueFor(
  base: Catalogue,
  settings: Omit<AccessSettings, 'provider'>,
  accesses: Accesses,
): Catalogue {
  const catalogue = spoken(base, settings.openaiApi);
  if (settings.model) return pinned(catalogue, modelFor(catalogue, settings.model, accesses), settings.openaiApi);
  const names = Object.values(catalogue.routes).flat();
  if (names.some((name) => accesses.has(catalogue.models.get(name)?.provider ?? ''))) return catalogue;
  throw new Error(
    `No route leads to a model of ${[...accesses.keys()].join(' or ')}: say in TROUPE_MODEL which model is asked there, or describe its models in a file (TROUPE_MODELS).`,
  );
}

function pinned(catalogue: Catalogue, model: Model, openaiApi: Api | undefined): Catalogue {
  const asked = withApi(model, openaiApi);
  const route = [asked.name];
  return {
    models: new Map([...catalogue.models, [asked.name, asked]]),
    routes: { low: route, medium: route, high: route },
  };
}

/** A model by name: as the catalogue has it if its provider can be asked, else of the one that most likely has it. */
function modelFor(catalogue: Catalogue, name: string, accesses: Accesses): Model {
  const known = knownModel(catalogue, name);
  if (known !== undefined && accesses.has(known.provider)) return known;
  const provider = known === undefined ? likelyProvider(name, accesses) : 'compatible';
  if (provider !== undefined && accesses.has(provider)) return modelNamed(catalogue, name, provider);
  const needed = NEEDS[known?.provider ?? ''];
  throw new Error(`TROUPE_MODEL is ${name}, which needs ${needed ?? 'a key'}.`);
}

function likelyProvider(name: string, accesses: Accesses): string | undefined {
  const named = name.startsWith('claude') ? 'anthropic' : 'openai';
  return ['compatible', named, 'anthropic', 'openai'].find((provider) => accesses.has(provider));
}

function spoken(catalogue: Catalogue, openaiApi: Api | undefined): Catalogue {
  if (openaiApi === undefined) return catalogue;
  const models = [...catalogue.models].map(([name, model]) => [name, withApi(model, openaiApi)] as const);
  return { ...catalogue, models: new Map(models) };
}

function withApi(model: Model, openaiApi: Api | undefined): Model {
  const isOpenAi = model.provider === 'openai' || model.provider === 'compatible';
  return openaiApi !== undefined && isOpenAi ? { ...model, api: openaiApi } : model;
}
