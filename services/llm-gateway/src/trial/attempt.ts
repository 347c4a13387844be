import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Usage } from '@troupe/contract';
import { PARAMETERS_MAX } from '../calling/policy.ts';
import type { Model } from '../models/model.ts';
import { costUsd } from '../models/price.ts';
import { clampUsage } from '../models/usage.ts';
import type { Outcome } from '../providers/provider.ts';
import { type Shown, shownBy } from './question.ts';

export interface Tried extends Shown {
  /** Until the first bytes of the stream; undefined if none came. */
  firstEventMs: number | undefined;
  durationMs: number;
  usage: Usage | undefined;
  /** Null if nobody knows: the price, or whether a call that failed was paid. */
  costUsd: number | null;
  /** Parameters that the service refused and that it was then asked without. */
  without: string[];
}

/** Asks one model, for `timeoutMs` at most. Never rejects. */
export async function attempt(
  model: Model,
  ask: (without: ReadonlySet<string>, signal: AbortSignal) => Promise<Outcome>,
  timeoutMs: number,
): Promise<Tried> {
  const signal = AbortSignal.timeout(timeoutMs);
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
    ...(!outcome.ok && signal.aborted ? outOfTime(timeoutMs) : shownBy(outcome)),
    firstEventMs: outcome.ok && firstAt !== undefined ? firstAt - startedAt : undefined,
    durationMs: performance.now() - startedAt,
    usage,
    costUsd: usage === undefined ? unpaidUsd(outcome) : costUsd(model, usage),
    without: [...without],
  };
}

/** A request that was refused by its status is not paid. */
const unpaidUsd = (outcome: Outcome): number | null => (!outcome.ok && outcome.status !== undefined ? 0 : null);

/** As real calls are asked again when a parameter is refused. */
function isAskedWithoutMore(outcome: Outcome, without: Set<string>): boolean {
  if (outcome.ok || outcome.kind !== 'parameter' || outcome.parameter === undefined) return false;
  if (without.has(outcome.parameter) || without.size >= PARAMETERS_MAX) return false;
  without.add(outcome.parameter);
  return true;
}

const outOfTime = (timeoutMs: number): Shown => ({
  outcome: 'timeout',
  message: `no answer within ${timeoutMs / 1_000} s`,
  status: undefined,
});

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
