import type { Answer } from '@troupe/contract';
import { createMetrics } from '@troupe/telemetry';
import { describe, expect, it } from 'vitest';
import { modelOf, USAGE } from './calling/calling.fixture.ts';
import { gatewayMetrics } from './gateway-metrics.ts';

function counted() {
  const metrics = createMetrics('llm-gateway');
  const queue = { waiting: () => 3, waitingTenants: () => 2, openBytes: () => 7 };
  return { counts: gatewayMetrics(metrics, queue), text: () => metrics.registry.metrics() };
}

const model = modelOf('a');
const answered: Answer = {
  ok: true,
  provider: 'a-inc',
  model: 'a',
  text: '',
  toolCalls: [],
  stop: 'end',
  usage: { ...USAGE, cacheReadTokens: 30, thinkingTokens: 5 },
  costUsd: 0.5,
};

describe('given answers', () => {
  it('when they are counted, then failures that were paid count too, and those without a price apart', async () => {
    const { counts, text } = counted();
    counts.answered(answered, 1_500);
    counts.answered({ ok: false, kind: 'malformed', message: '', usage: USAGE, costUsd: 0.25 }, 500);
    counts.answered({ ...answered, usage: USAGE, costUsd: null }, 0);
    counts.answered({ ok: false, kind: 'timeout', message: '' }, 0);
    const said = await text();
    for (const line of [
      'troupe_model_answers_total{outcome="ok",role="llm-gateway"} 2',
      'troupe_model_answers_total{outcome="malformed",role="llm-gateway"} 1',
      'troupe_model_tokens_total{direction="input",role="llm-gateway"} 300',
      'troupe_model_tokens_total{direction="cache_read",role="llm-gateway"} 30',
      'troupe_model_tokens_total{direction="thinking",role="llm-gateway"} 5',
      'troupe_model_cost_usd_total{role="llm-gateway"} 0.75',
      'troupe_model_unpriced_total{role="llm-gateway"} 1',
      'troupe_model_seconds_total{role="llm-gateway"} 2',
      'troupe_model_waiting{role="llm-gateway"} 3',
      'troupe_model_waiting_tenants{role="llm-gateway"} 2',
      'troupe_model_open_bytes{role="llm-gateway"} 7',
    ])
      expect(said).toContain(line);
  });
});

describe('given calls to models', () => {
  it('when they end, are repeated or go elsewhere, then each is counted by provider and model', async () => {
    const { counts, text } = counted();
    counts.called({ model, outcome: 'ok', durationMs: 250, paid: { usage: USAGE, costUsd: 0.5 } });
    counts.called({ model, outcome: 'refused', durationMs: 250, paid: undefined });
    counts.repeated('retry', 'overloaded');
    counts.repeated('fallback', 'refused');
    counts.clamped(model);
    counts.breaker(model, 'half-open');
    const said = await text();
    const labels = 'provider="a-inc",model="a"';
    for (const line of [
      `troupe_model_calls_total{${labels},outcome="ok",role="llm-gateway"} 1`,
      `troupe_model_calls_total{${labels},outcome="refused",role="llm-gateway"} 1`,
      `troupe_model_call_seconds_total{${labels},role="llm-gateway"} 0.5`,
      `troupe_model_call_cost_usd_total{${labels},role="llm-gateway"} 0.5`,
      'troupe_model_retries_total{because="retry",after="overloaded",role="llm-gateway"} 1',
      'troupe_model_fallbacks_total{after="refused",role="llm-gateway"} 1',
      `troupe_model_clamped_usage_total{${labels},role="llm-gateway"} 1`,
      `troupe_model_breaker{${labels},role="llm-gateway"} 2`,
    ])
      expect(said).toContain(line);
  });
});
