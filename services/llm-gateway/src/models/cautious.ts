import type { Api, Model } from './model.ts';

/** Providers whose own service is known. Whatever else there is speaks chat completions, more or less. */
const APIS: Readonly<Record<string, Api>> = { anthropic: 'messages', openai: 'responses' };

/**
 * What is assumed of a model that nobody has described: only what every model of its provider takes, and limits that
 * none is below. What it costs is not known.
 */
export function cautiousModel(name: string, provider: string): Model {
  const api = (Object.hasOwn(APIS, provider) ? APIS[provider] : undefined) ?? 'chat';
  const family = familyOf(name);
  const assumed: Model = {
    name,
    provider,
    api,
    family,
    contextTokens: 128_000,
    outputTokensMax: 16_000,
    price: undefined,
    priceAbove: [],
    forcedCall: true,
    thinking: 'always',
    efforts: [],
    thinkingTokens: 8_000,
    strictSchema: 'none',
    strictToolsMax: 0,
    echo: true,
    cacheMarkers: false,
    charsPerToken: 2.5,
    deviations: {
      outputLimit: 'max_completion_tokens',
      forcedChoice: 'required',
      usageInStream: true,
      shortCallIds: false,
    },
  };
  switch (api) {
    case 'messages':
      // Newer models refuse a forced call. Where the prompt may be cached can be said to all of them.
      return { ...assumed, contextTokens: 200_000, outputTokensMax: 32_000, forcedCall: false, cacheMarkers: true };
    case 'responses':
      // Models that do not reason refuse to be asked for encrypted reasoning.
      return { ...assumed, echo: false };
    default:
      return {
        ...assumed,
        // Servers of one's own are often started with less than their model could hold, and cut without a word.
        contextTokens: 32_000,
        outputTokensMax: 8_000,
        thinkingTokens: 4_000,
        deviations: { ...assumed.deviations, outputLimit: 'max_tokens', shortCallIds: MISTRAL.test(family) },
      };
  }
}

const MISTRAL = /^(mistral|ministral|mixtral|magistral|codestral|devstral|pixtral)$/;

/** `claude` of `anthropic/claude-x`, `qwen` of `qwen3:8b`: the letters that a model's own name begins with. */
function familyOf(name: string): string {
  const own = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  return /^[a-z]+/.exec(own)?.[0] ?? own;
}
