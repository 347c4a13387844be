import type { Answer, Usage } from '@troupe/contract';
import type { Metrics } from '@troupe/telemetry';
import { Counter, Gauge } from 'prom-client';
import { BREAKER_STATES } from './calling/breakers.ts';
import type { CallObserver } from './calling/observer.ts';

/** What is read when metrics are asked for. */
interface Queue {
  waiting: () => number;
  waitingTenants: () => number;
  openBytes: () => number;
}

/** What is called with each answer, how long it took to get it, in ms, and with what happens while models are asked. */
export interface GatewayMetrics extends CallObserver {
  answered(answer: Answer, durationMs: number): void;
}

/**
 * Counts what the gateway does. Labels are the names of the catalogue's models and providers and the kinds of outcomes:
 * nothing that comes in a question.
 */
export function gatewayMetrics(metrics: Metrics, { waiting, waitingTenants, openBytes }: Queue): GatewayMetrics {
  const { gauge } = metrics;
  gauge('troupe_model_waiting', 'Questions that wait for a free call.', waiting);
  gauge('troupe_model_waiting_tenants', 'Tenants of which questions wait for a free call.', waitingTenants);
  gauge('troupe_model_open_bytes', 'Bytes of the questions that wait or are asked.', openBytes);
  return { ...callMetrics(metrics), answered: answerMetrics(metrics) };
}

function answerMetrics({ registry }: Metrics): GatewayMetrics['answered'] {
  const counter = counterIn(registry);
  const answers = counter('troupe_model_answers_total', 'Answers, by outcome.', ['outcome']);
  const tokens = counter('troupe_model_tokens_total', 'Tokens, by direction.', ['direction']);
  const cost = counter('troupe_model_cost_usd_total', 'Cost of answers whose price is known.');
  const unpriced = counter('troupe_model_unpriced_total', 'Answers whose price is not known.');
  const seconds = counter('troupe_model_seconds_total', 'Time spent on answers, waits between calls included.');
  return (answer, durationMs) => {
    answers.inc({ outcome: answer.ok ? 'ok' : answer.kind });
    seconds.inc(durationMs / 1_000);
    for (const [direction, count] of directionsOf(answer.usage)) tokens.inc({ direction }, count);
    if (answer.costUsd === null) unpriced.inc();
    else cost.inc(answer.costUsd ?? 0);
  };
}

/** What came from a cache or was thought is part of input and output, and counted again by itself. */
function directionsOf(usage: Usage | undefined): [string, number][] {
  if (usage === undefined) return [];
  return [
    ['input', usage.inputTokens],
    ['output', usage.outputTokens],
    ['cache_read', usage.cacheReadTokens ?? 0],
    ['cache_write', usage.cacheWriteTokens ?? 0],
    ['thinking', usage.thinkingTokens ?? 0],
  ];
}

function callMetrics({ registry }: Metrics): CallObserver {
  const counter = counterIn(registry);
  const ofModel = ['provider', 'model'];
  const calls = counter('troupe_model_calls_total', 'Calls to models, by outcome.', [...ofModel, 'outcome']);
  const seconds = counter('troupe_model_call_seconds_total', 'Time spent in calls to models.', ofModel);
  const callCost = counter('troupe_model_call_cost_usd_total', 'Cost of calls whose price is known.', ofModel);
  const retries = counter('troupe_model_retries_total', 'Calls repeated to the same model.', ['because', 'after']);
  const fallbacks = counter('troupe_model_fallbacks_total', 'Questions that went on to another model.', ['after']);
  const clamped = counter('troupe_model_clamped_usage_total', 'Counts of tokens that could not be.', ofModel);
  const breaker = new Gauge({
    name: 'troupe_model_breaker',
    help: 'Breakers: 0 closed, 1 open, 2 half open.',
    labelNames: ofModel,
    registers: [registry],
  });
  return {
    called: ({ model: { provider, name: model }, outcome, durationMs, paid }) => {
      calls.inc({ provider, model, outcome });
      seconds.inc({ provider, model }, durationMs / 1_000);
      callCost.inc({ provider, model }, paid?.costUsd ?? 0);
    },
    repeated: (because, after) => {
      if (because === 'fallback') fallbacks.inc({ after });
      else retries.inc({ because, after });
    },
    clamped: ({ provider, name: model }) => clamped.inc({ provider, model }),
    breaker: ({ provider, name: model }, state) => breaker.set({ provider, model }, BREAKER_STATES.indexOf(state)),
  };
}

const counterIn =
  (registry: Metrics['registry']) =>
  (name: string, help: string, labelNames: string[] = []): Counter =>
    new Counter({ name, help, labelNames, registers: [registry] });
