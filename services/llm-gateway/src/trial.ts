import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { TIERS, type Question, type Usage } from '@troupe/contract';
import { readSettings } from '@troupe/nats';
import { z } from 'zod';
import { accessesOf } from './calling/access.ts';
import { connect } from './calling/connect.ts';
import { effortFor, thinkingAllowance } from './calling/effort.ts';
import { catalogueFor } from './calling/reachable.ts';
import { estimateTokens } from './models/estimate.ts';
import type { Api, Model } from './models/model.ts';
import { costUsd } from './models/price.ts';
import { readCatalogue } from './models/read-catalogue.ts';
import { clampUsage } from './models/usage.ts';
import type { FailureKind, Outcome, Provider } from './providers/provider.ts';
import { GatewaySettings, providerSettings } from './settings.ts';

/** How long one model may take. */
export const TRIAL_MS_MAX = 30_000;
/** Parameters that one trial may find refused; a refused request is not paid. */
const PARAMETERS_MAX = 4;
/** Tokens of the answer, without thinking. */
const ANSWER_TOKENS_MAX = 256;
/** Nobody has counted the prompt yet: it may have as many times the tokens that it is taken to have. */
const PROMPT_MARGIN = 2;
const MILLION = 1_000_000;

/** What one answer showed. `cut`: it was ended by its limit of tokens. */
export type TrialOutcome = 'works' | 'no_call' | 'wrong_arguments' | 'cut' | FailureKind;

export interface Tried {
  outcome: TrialOutcome;
  /** What the service or the check says of it; empty if it works. Holds no key. */
  message: string;
  /** The HTTP status of a refusal. */
  status: number | undefined;
  /** Until the first bytes of the stream; undefined if none came. */
  firstEventMs: number | undefined;
  durationMs: number;
  usage: Usage | undefined;
  /** Null if the price is not known. */
  costUsd: number | null;
  /** Parameters that the service refused and that it was then asked without. */
  without: string[];
}

/** One model that a gateway would ask, and how to try it. */
export interface Trial {
  model: string;
  provider: string;
  api: Api;
  /** US dollars per million tokens; undefined if nobody knows. */
  price: { input: number; output: number } | undefined;
  /** What trying it may cost at most, in US dollars; null if its price is not known. */
  usdMax: number | null;
  /** Makes one real call, which offers a tool and wants it called. Never rejects. */
  attempt(): Promise<Tried>;
}

/** Who answers: models, each once and in the order of the routes, or a provider that asks nobody. */
export type Trials = { by: 'models'; trials: Trial[] } | { by: 'offline' | 'scripted' };

/**
 * What a gateway with this environment would ask. Nothing is asked yet. Rejects with one sentence that names the setting
 * if it is wrong.
 */
export async function trialsOf(environment: NodeJS.ProcessEnv): Promise<Trials> {
  const settings = providerSettings(readSettings(GatewaySettings, environment));
  const { provider, model } = settings;
  if (provider === 'offline' || provider === 'scripted') return { by: provider };
  const accesses = accessesOf({ ...settings, provider });
  if (accesses.size === 0) {
    if (model) throw new Error(`TROUPE_MODEL is ${model}, but there is no key to ask it with.`);
    return { by: 'offline' };
  }
  const { models, routes } = catalogueFor(readCatalogue(settings.modelsFile), { ...settings, provider }, accesses);
  const names = new Set(TIERS.flatMap((tier) => routes[tier]));
  const asked = [...names].flatMap((name) => models.get(name) ?? []).filter((one) => accesses.has(one.provider));
  const providerOf = await connect(accesses, asked);
  return { by: 'models', trials: asked.map((one) => trialOf(one, providerOf(one))) };
}

const Reading = z.strictObject({
  place: z.string().min(1),
  celsius: z.int(),
  sky: z.enum(['clear', 'cloudy']),
  remark: z.string().optional(),
});

const TOOL = {
  name: 'record_weather',
  description: 'Records the weather of a place.',
  parameters: {
    type: 'object',
    properties: {
      place: { type: 'string', description: 'The name of the place.' },
      celsius: { type: 'integer' },
      sky: { type: 'string', enum: ['clear', 'cloudy'] },
      remark: { type: 'string', description: 'Only if there is more to say.' },
    },
    required: ['place', 'celsius', 'sky'],
    additionalProperties: false,
  },
};

const QUESTION: Question = {
  id: 'trial',
  tenant: 'default',
  run: '00000000-0000-7000-8000-000000000000',
  role: 'llm-gateway',
  tier: 'low',
  purpose: 'extract',
  system: 'You record weather reports. Answer with one call of record_weather and with nothing else.',
  turns: [{ role: 'user', text: 'It is 12 degrees Celsius in Oslo, and there is no cloud in the sky.' }],
  tools: [TOOL],
  mustCall: true,
  outputTokensMax: ANSWER_TOKENS_MAX,
  tokensMax: MILLION,
  timeoutMs: TRIAL_MS_MAX,
};

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
    attempt: () => attempt(model, ask),
  };
}

async function attempt(
  model: Model,
  ask: (without: ReadonlySet<string>, signal: AbortSignal) => Promise<Outcome>,
): Promise<Tried> {
  const signal = AbortSignal.timeout(TRIAL_MS_MAX);
  const without = new Set<string>();
  const startedAt = performance.now();
  const stream = firstBytes();
  let outcome = await ask(without, signal);
  while (isAskedWithoutMore(outcome, without)) {
    stream.forget();
    outcome = await ask(without, signal);
  }
  const firstAt = stream.end();
  const usage = outcome.usage && clampUsage(outcome.usage).usage;
  return {
    ...(signal.aborted ? outOfTime() : shownBy(outcome)),
    firstEventMs: outcome.ok && firstAt !== undefined ? firstAt - startedAt : undefined,
    durationMs: performance.now() - startedAt,
    usage,
    costUsd: usage === undefined ? 0 : costUsd(model, usage),
    without: [...without],
  };
}

/** As real calls are asked again when a parameter is refused. */
function isAskedWithoutMore(outcome: Outcome, without: Set<string>): boolean {
  if (outcome.ok || outcome.kind !== 'parameter' || outcome.parameter === undefined) return false;
  if (without.has(outcome.parameter) || without.size >= PARAMETERS_MAX) return false;
  without.add(outcome.parameter);
  return true;
}

type Shown = Pick<Tried, 'outcome' | 'message' | 'status'>;

const outOfTime = (): Shown => ({
  outcome: 'timeout',
  message: `no answer within ${TRIAL_MS_MAX / 1_000} s`,
  status: undefined,
});

function shownBy(outcome: Outcome): Shown {
  if (!outcome.ok) return { outcome: outcome.kind, message: outcome.message, status: outcome.status };
  const shown = (what: TrialOutcome, message: string): Shown => ({ outcome: what, message, status: undefined });
  if (outcome.stop === 'length') return shown('cut', 'its answer was longer than its limit');
  const call = outcome.toolCalls.find(({ name }) => name === TOOL.name);
  if (call === undefined) return shown('no_call', 'it answered without calling the tool that it was told to call');
  const checked = Reading.safeParse(call.arguments);
  if (!checked.success) return shown('wrong_arguments', z.prettifyError(checked.error));
  return shown('works', '');
}

/** When the first bytes of an answer came, by what Node's `fetch` tells: for calls one after another. */
function firstBytes(): { forget(): void; end(): number | undefined } {
  const channel = 'undici:request:bodyChunkReceived';
  let firstAt: number | undefined;
  const listener = () => (firstAt ??= performance.now());
  subscribe(channel, listener);
  return {
    forget() {
      firstAt = undefined;
    },
    end() {
      unsubscribe(channel, listener);
      return firstAt;
    },
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
  const inputTokens = estimateTokens(QUESTION, model) * PROMPT_MARGIN;
  const plain = costUsd(model, { inputTokens, outputTokens });
  const cached = costUsd(model, { inputTokens, outputTokens, cacheWriteTokens: inputTokens });
  return plain === null || cached === null ? null : Math.max(plain, cached);
}
