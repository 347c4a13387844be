import { chosenAccesses, type ChoiceSettings } from '../calling/access.ts';
import type { CallObserver } from '../calling/observer.ts';
import type { DirectProvider } from './direct.ts';

export type ProviderName = 'offline' | 'scripted' | 'anthropic' | 'openai' | 'compatible';

/** Who answers, and how to reach it. Parsed from the environment by the process around it. */
export interface ProviderSettings extends ChoiceSettings {
  /** A file of models that extends and overrides the gateway's own. */
  modelsFile?: string | undefined;
  scriptedLatencyMs?: number | undefined;
  scriptedJitterMs?: number | undefined;
  observer?: CallObserver | undefined;
}

/**
 * Makes what answers questions: the provider that is named, else models of all that there is a key or an address for, else
 * the offline one. Whatever is not chosen is not loaded: an SDK takes longer than the rest of the process. Rejects, naming
 * the setting, when one is missing or wrong.
 */
export async function selectProvider(settings: ProviderSettings): Promise<DirectProvider> {
  const { provider } = settings;
  if (provider === 'scripted') {
    const { scriptedProvider } = await import('./scripted/provider.ts');
    return scriptedProvider({ latencyMs: settings.scriptedLatencyMs, jitterMs: settings.scriptedJitterMs });
  }
  // Looked at before anything is loaded: where nobody is asked, no catalogue is read.
  return chosenAccesses(settings).size > 0 ? models(settings) : offline();
}

async function offline(): Promise<DirectProvider> {
  const { offlineProvider } = await import('./offline/provider.ts');
  return offlineProvider();
}

async function models(settings: ProviderSettings): Promise<DirectProvider> {
  const [{ reachableModels }, { Models }, { connect }] = await Promise.all([
    import('../calling/reachable.ts'),
    import('../calling/models.ts'),
    import('../calling/connect.ts'),
  ]);
  const reachable = reachableModels(settings);
  if (reachable === undefined) return offline();
  const { accesses, catalogue } = reachable;
  const { observer } = settings;
  return new Models({
    name: [...accesses.keys()].join('+'),
    catalogue,
    available: new Set(accesses.keys()),
    providerOf: await connect(accesses, catalogue.models.values()),
    ...(observer && { observer }),
  });
}
