import { TIERS } from '@troupe/contract';
import { readSettings } from '@troupe/nats';
import { connect } from './calling/connect.ts';
import { effortFor, thinkingAllowance } from './calling/effort.ts';
import { reachableModels } from './calling/reachable.ts';
import { estimateTokens } from './models/estimate.ts';
import type { Api, Model } from './models/model.ts';
import { costUsd } from './models/price.ts';
import type { Provider } from './providers/provider.ts';
import { GatewaySettings, providerSettings } from './settings.ts';
import { attempt, type Tried } from './trial/attempt.ts';
import { ANSWER_TOKENS_MAX, QUESTION, TRIAL_MS_MAX } from './trial/question.ts';

export type { Tried } from './trial/attempt.ts';
export type { TrialOutcome } from './trial/question.ts';

/** Nobody has counted the prompt yet: it may have as many times the tokens that it is taken to have. */
const PROMPT_MARGIN = 2;
/** What a service writes into a prompt that has tools. */
const TOOL_PREAMBLE_TOKENS = 1_000;
const MILLION = 1_000_000;

/** One model that a gateway would ask, and how to try it. */
export interface Trial {
  model: string;
  provider: string;
  api: Api;
  /** US dollars per million tokens; undefined if nobody knows. */
  price: { input: number; output: number } | undefined;
  /** What trying it may cost at most, in US dollars; null if its price is not known. */
  usdMax: number | null;
  /** Makes one real call, which offers a tool and wants it called. One trial at a time: the stream is timed. Never rejects. */
  attempt(timeoutMs?: number): Promise<Tried>;
}

/** Who answers: models, each once and in the order of the routes, or a provider that asks nobody. */
export type Trials = { by: 'models'; trials: Trial[] } | { by: 'offline' | 'scripted' };

/**
 * What a gateway with this environment would ask. Nothing is asked yet. Rejects with one sentence that names the setting
 * if it is wrong.
 */
export async function trialsOf(environment: NodeJS.ProcessEnv): Promise<Trials> {
  const settings = providerSettings(readSettings(GatewaySettings, environment));
  const reachable = reachableModels(settings);
  if (reachable === undefined) return { by: settings.provider === 'scripted' ? 'scripted' : 'offline' };
  const {
    accesses,
    catalogue: { models, routes },
  } = reachable;
  const names = new Set(TIERS.flatMap((tier) => routes[tier]));
  const asked = [...names].flatMap((name) => models.get(name) ?? []).filter((one) => accesses.has(one.provider));
  const providerOf = await connect(accesses, asked);
  return { by: 'models', trials: asked.map((one) => trialOf(one, providerOf(one))) };
}

function trialOf(model: Model, provider: Provider): Trial {
  const effort = effortFor(QUESTION.tier, model);
  const outputTokensMax = Math.min(model.outputTokensMax, ANSWER_TOKENS_MAX + thinkingAllowance(model, effort));
  const ask = (without: ReadonlySet<string>, signal: AbortSignal) =>
    provider.ask({ question: QUESTION, model, outputTokensMax, effort, without, echoes: true }, signal);
  return {
    model: model.name,
    provider: model.provider,
    api: model.api,
    price: pricePerMillion(model),
    usdMax: dearestUsd(model, outputTokensMax),
    attempt: (timeoutMs = TRIAL_MS_MAX) => attempt(model, ask, timeoutMs),
  };
}

function pricePerMillion(model: Model): Trial['price'] {
  // So few that no price of long prompts applies.
  const tokens = 1_000;
  const input = costUsd(model, { inputTokens: tokens, outputTokens: 0 });
  const output = costUsd(model, { inputTokens: 0, outputTokens: tokens });
  if (input === null || output === null) return undefined;
  return { input: input * (MILLION / tokens), output: output * (MILLION / tokens) };
}

/** With the whole prompt written to the provider's cache, if that is dearer. */
function dearestUsd(model: Model, outputTokens: number): number | null {
  const inputTokens = estimateTokens(QUESTION, model) * PROMPT_MARGIN + TOOL_PREAMBLE_TOKENS;
  const plain = costUsd(model, { inputTokens, outputTokens });
  const cached = costUsd(model, { inputTokens, outputTokens, cacheWriteTokens: inputTokens });
  return plain === null || cached === null ? null : Math.max(plain, cached);
}
