import type { ProviderAccess } from '../models/model.ts';

/** Whom a gateway may ask, as its environment says it. An empty value is none. */
export interface AccessSettings {
  /** The only provider to be asked; without it all that there is a key or an address for. */
  provider?: 'anthropic' | 'openai' | 'compatible' | undefined;
  /** The one model for everything. */
  model?: string | undefined;
  anthropicApiKey?: string | undefined;
  anthropicBaseUrl?: string | undefined;
  openaiApiKey?: string | undefined;
  openaiBaseUrl?: string | undefined;
  /** How OpenAI's or compatible models are asked, whatever the catalogue says. */
  openaiApi?: 'responses' | 'chat' | undefined;
}

/** The providers that can be asked, by name. */
export type Accesses = ReadonlyMap<string, ProviderAccess>;

/** The same, where nobody need be asked. */
export interface ChoiceSettings extends Omit<AccessSettings, 'provider'> {
  provider?: AccessSettings['provider'] | 'offline' | 'scripted';
}

const OPENAI_HOST = 'api.openai.com';
/** The setting without which a provider cannot be asked. */
export const NEEDS: Readonly<Record<string, string>> = {
  anthropic: 'ANTHROPIC_API_KEY',
  openai: 'OPENAI_API_KEY',
  compatible: 'OPENAI_BASE_URL',
};

/**
 * The providers that there is a key for (`compatible`: an address, with the key if there is one). Throws, naming the
 * setting, if the one that is asked for is not among them.
 */
export function accessesOf(settings: AccessSettings): Accesses {
  const { anthropicApiKey, anthropicBaseUrl, openaiApiKey } = settings;
  const openaiBaseUrl = settings.openaiBaseUrl || undefined;
  const accesses = new Map<string, ProviderAccess>();
  if (anthropicApiKey)
    accesses.set('anthropic', { name: 'anthropic', apiKey: anthropicApiKey, baseUrl: anthropicBaseUrl || undefined });
  const isCompatible = openaiBaseUrl !== undefined && URL.parse(openaiBaseUrl)?.hostname !== OPENAI_HOST;
  if (isCompatible)
    accesses.set('compatible', { name: 'compatible', apiKey: openaiApiKey || undefined, baseUrl: openaiBaseUrl });
  else if (openaiApiKey) accesses.set('openai', { name: 'openai', apiKey: openaiApiKey, baseUrl: openaiBaseUrl });
  return settings.provider === undefined ? accesses : only(settings.provider, accesses);
}

/**
 * The providers that models are asked of; none: a provider that asks nobody answers. Throws, naming the setting, if one is
 * missing for what is asked for.
 */
export function chosenAccesses({ provider, ...settings }: ChoiceSettings): Accesses {
  if (provider === 'offline' || provider === 'scripted') return new Map();
  const accesses = accessesOf({ ...settings, provider });
  if (accesses.size === 0 && settings.model)
    throw new Error(`TROUPE_MODEL is ${settings.model}, but there is no key to ask it with.`);
  return accesses;
}

/** Who sets an address means the server there, by either name. */
function only(provider: string, accesses: Accesses): Accesses {
  const access = accesses.get(provider) ?? (provider === 'openai' ? accesses.get('compatible') : undefined);
  if (access === undefined)
    throw new Error(`TROUPE_MODEL_PROVIDER is ${provider}, which needs ${NEEDS[provider] ?? 'a key'}.`);
  return new Map([[access.name, access]]);
}
