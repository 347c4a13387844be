import type { Model, ProviderAccess } from '../models/model.ts';
import type { Provider } from '../providers/provider.ts';
import type { Accesses } from './access.ts';

/** Who asks a model: one provider for each address and API. Their SDKs are loaded here and nowhere else, if needed. */
export async function connect(accesses: Accesses, models: Iterable<Model>): Promise<(model: Model) => Provider> {
  const providers = new Map<string, Provider>();
  for (const model of models) {
    const access = accesses.get(model.provider);
    const key = keyOf(model);
    if (access !== undefined && !providers.has(key)) providers.set(key, await load(model, access));
  }
  return (model) => {
    const provider = providers.get(keyOf(model));
    if (provider === undefined) throw new Error(`${model.name} is of ${model.provider}, which is not configured`);
    return provider;
  };
}

const keyOf = ({ provider, api }: Model): string => `${provider}/${api}`;

async function load(model: Model, access: ProviderAccess): Promise<Provider> {
  switch (model.api) {
    case 'messages':
      return (await import('../providers/anthropic/provider.ts')).anthropicProvider(access);
    case 'responses':
      return (await import('../providers/responses/provider.ts')).responsesProvider(access);
    case 'chat':
      return (await import('../providers/chat/provider.ts')).chatProvider(access);
    case 'offline':
    case 'scripted':
      throw new Error(`${model.name} is asked by "${model.api}", which asks nobody`);
  }
}
