import { type Trial, type Tried, trialsOf } from '@troupe/llm-gateway/trial';
import { sentenceOf } from '../cli/failure.ts';
import { count, duration, oneLine } from '../cli/one-line.ts';
import { adviceFor } from './model-advice.ts';
import type { Finding } from './finding.ts';

const MESSAGE_CHARS_MAX = 300;
/** What is no model's own: it is said once, and the provider's other models are not asked. */
const OF_THE_ACCOUNT: ReadonlySet<string> = new Set(['unauthorised', 'spent']);

export interface ModelsOptions {
  /** False: nothing is spent. */
  isAsked: boolean;
  environment: NodeJS.ProcessEnv;
  /** Told before anything is spent, and before each call. */
  tell(text: string): void;
}

/** One small call of each model that a gateway with this environment would ask, one after another. */
export async function* checkModels({ isAsked, environment, tell }: ModelsOptions): AsyncGenerator<Finding, void> {
  const trials = await trialsIn(environment);
  if ('check' in trials) {
    yield trials;
    return;
  }
  if (!isAsked) {
    const names = trials.map(({ model }) => model).join(', ');
    yield {
      check: 'models',
      verdict: 'note',
      says: `Not asked (--no-models): ${names}`,
      facts: { models: names },
    };
    return;
  }
  tell(`Asks ${count(trials.length, 'model')} once each, ${atMost(trials)}; --no-models asks none.`);
  const closed = new Set<string>();
  for (const trial of trials) {
    if (closed.has(trial.provider)) continue;
    tell(`Asking ${trial.model} …`);
    const tried = await trial.attempt();
    const isOfAccount = OF_THE_ACCOUNT.has(tried.outcome) && tried.status !== 403;
    if (isOfAccount) closed.add(trial.provider);
    yield findingOf(trial, tried, isOfAccount);
  }
}

const NOBODY = {
  offline:
    'There is no key: the built-in offline model answers, which can only quote. For a real one set ANTHROPIC_API_KEY, OPENAI_API_KEY, or OPENAI_BASE_URL with TROUPE_MODEL',
  scripted: 'TROUPE_MODEL_PROVIDER is scripted: nobody is asked, which is for benchmarks alone',
};

async function trialsIn(environment: NodeJS.ProcessEnv): Promise<Trial[] | Finding> {
  try {
    const found = await trialsOf(environment);
    if (found.by === 'models') return found.trials;
    const isMeant = found.by === 'offline' && environment['TROUPE_MODEL_PROVIDER'] === 'offline';
    const says = isMeant ? 'TROUPE_MODEL_PROVIDER is offline: the built-in model answers' : NOBODY[found.by];
    return { check: 'models', verdict: 'note', says };
  } catch (error) {
    const change = 'Put that right in the environment: npm start reads the same.';
    return { check: 'models', verdict: 'failed', says: oneLine(sentenceOf(error), MESSAGE_CHARS_MAX), change };
  }
}

function atMost(trials: readonly Trial[]): string {
  const known = trials.flatMap(({ usdMax }) => usdMax ?? []);
  const usd = `which may cost $${known.reduce((sum, one) => sum + one, 0).toFixed(2)} at most`;
  if (known.length === trials.length) return usd;
  const unknown = `${count(trials.length - known.length, 'price')} not known`;
  return known.length === 0 ? 'at a price that is not known' : `${usd}, with ${unknown}`;
}

function findingOf(trial: Trial, tried: Tried, isOfAccount: boolean): Finding {
  const { model, provider, api } = trial;
  const facts = { provider, api, ...figuresOf(trial, tried) };
  const check = isOfAccount ? `models of ${provider}` : model;
  const note = tried.without.length === 0 ? '' : `; it refuses ${tried.without.join(', ')} and works without`;
  if (tried.outcome === 'works')
    return { check, verdict: 'ok', says: `${workedPhrase(tried)}, ${costPhrase(trial, tried)}${note}`, facts };
  const says = `${oneLine(tried.message, MESSAGE_CHARS_MAX)} (${tried.outcome.replaceAll('_', ' ')}, ${duration(tried.durationMs)})`;
  return { check, verdict: 'failed', says, change: adviceFor(trial, tried), facts };
}

function workedPhrase({ firstEventMs, durationMs, usage }: Tried): string {
  const first = firstEventMs === undefined ? '' : `streams after ${duration(firstEventMs)}, `;
  const { inputTokens = 0, outputTokens = 0 } = usage ?? {};
  return `tool called, arguments valid, ${first}done in ${duration(durationMs)}, ${inputTokens} + ${outputTokens} tokens`;
}

function costPhrase({ price }: Trial, { costUsd }: Tried): string {
  if (price === undefined || costUsd === null) return 'price unknown';
  return `$${costUsd.toFixed(6)} (in $${rate(price.input)}, out $${rate(price.output)} per million)`;
}

const rate = (usd: number): string => String(Number(usd.toPrecision(4)));

function figuresOf({ price, usdMax }: Trial, { outcome, durationMs, firstEventMs, usage, costUsd }: Tried) {
  return {
    outcome,
    durationMs: Math.round(durationMs),
    firstEventMs: firstEventMs === undefined ? null : Math.round(firstEventMs),
    inputTokens: usage?.inputTokens ?? null,
    outputTokens: usage?.outputTokens ?? null,
    costUsd,
    usdMax,
    inputUsdPerMillion: price?.input ?? null,
    outputUsdPerMillion: price?.output ?? null,
  };
}
