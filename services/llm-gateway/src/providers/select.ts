import type { Provider } from './provider.ts';

export type ProviderName = 'offline' | 'openai' | 'anthropic' | 'scripted';

/** Which provider answers, and how to reach it. Parsed from the environment by the process around it. */
export interface ProviderSettings {
  provider?: ProviderName | undefined;
  model?: string | undefined;
  anthropicApiKey?: string | undefined;
  anthropicBaseUrl?: string | undefined;
  openaiApiKey?: string | undefined;
  openaiBaseUrl?: string | undefined;
  scriptedLatencyMs?: number | undefined;
  scriptedJitterMs?: number | undefined;
}

/** The provider that the settings ask for; without a name the credentials decide, and without those it is offline. */
export function providerName(settings: ProviderSettings): ProviderName {
  if (settings.provider) return settings.provider;
  if (settings.anthropicApiKey) return 'anthropic';
  if (settings.openaiApiKey || settings.openaiBaseUrl) return 'openai';
  return 'offline';
}

/**
 * Makes the provider that the settings ask for. Each is imported only when it is chosen, because an SDK takes longer
 * to load than the rest of the process. Rejects, naming the setting, when one that the provider needs is missing.
 */
export async function selectProvider(settings: ProviderSettings): Promise<Provider> {
  const name = providerName(settings);
  switch (name) {
    case 'anthropic': {
      const { anthropicProvider } = await import('./anthropic/provider.ts');
      const { anthropicApiKey: apiKey, anthropicBaseUrl: baseUrl, model } = settings;
      return anthropicProvider({ apiKey, baseUrl, model });
    }
    case 'openai': {
      const { openAiProvider } = await import('./openai/provider.ts');
      const { openaiApiKey: apiKey, openaiBaseUrl: baseUrl, model } = settings;
      return openAiProvider({ apiKey, baseUrl, model });
    }
    case 'scripted': {
      const { scriptedProvider } = await import('./scripted/provider.ts');
      return scriptedProvider({ latencyMs: settings.scriptedLatencyMs, jitterMs: settings.scriptedJitterMs });
    }
    case 'offline': {
      const { offlineProvider } = await import('./offline/provider.ts');
      return offlineProvider();
    }
  }
}
