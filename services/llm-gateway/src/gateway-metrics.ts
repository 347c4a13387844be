import type { Answer } from '@troupe/contract';
import type { Metrics } from '@troupe/telemetry';
import { Counter } from 'prom-client';

/** What is read when metrics are asked for. */
interface Queue {
  waiting: () => number;
  openBytes: () => number;
}

/** Counts answers, tokens and dollars; returns what to call with each answer. */
export function gatewayMetrics(
  { registry, gauge }: Metrics,
  { waiting, openBytes }: Queue,
): (answer: Answer, durationMs: number) => void {
  const registers = [registry];
  const answers = new Counter({
    name: 'troupe_model_answers_total',
    help: 'Answers, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const tokens = new Counter({
    name: 'troupe_model_tokens_total',
    help: 'Tokens, by direction.',
    labelNames: ['direction'],
    registers,
  });
  const cost = new Counter({
    name: 'troupe_model_cost_usd_total',
    help: 'Cost of answers whose price is known.',
    registers,
  });
  const seconds = new Counter({ name: 'troupe_model_seconds_total', help: 'Time spent in model calls.', registers });
  gauge('troupe_model_waiting', 'Questions that wait for a free call.', waiting);
  gauge('troupe_model_open_bytes', 'Bytes of the questions that wait or are asked.', openBytes);
  return (answer, durationMs) => {
    answers.inc({ outcome: answer.ok ? 'ok' : answer.kind });
    seconds.inc(durationMs / 1_000);
    if (!answer.ok) return;
    tokens.inc({ direction: 'input' }, answer.usage.inputTokens);
    tokens.inc({ direction: 'output' }, answer.usage.outputTokens);
    cost.inc(answer.costUsd ?? 0);
  };
}
