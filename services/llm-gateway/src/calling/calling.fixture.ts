import type { Usage } from '@troupe/contract';
import type { Catalogue } from '../models/catalogue.ts';
import { cautiousModel } from '../models/cautious.ts';
import type { Model } from '../models/model.ts';
import type { Call, Failure, FailureKind, Outcome, Provider, Reply } from '../providers/provider.ts';
import type { Clock, Deadline } from './clock.ts';
import { Models } from './models.ts';
import type { CallObserver } from './observer.ts';

/** A model of a provider of its own, with what a test wants to differ. */
export const modelOf = (name: string, different: Partial<Model> = {}): Model => ({
  ...cautiousModel(name, `${name}-inc`),
  thinking: 'never',
  thinkingTokens: 0,
  contextTokens: 100_000,
  outputTokensMax: 20_000,
  price: { input: 1, output: 10 },
  ...different,
});

/** Models of one route for all tiers, in this order if they cost the same. */
export function catalogueOf(models: readonly Model[]): Catalogue {
  const names = models.map(({ name }) => name);
  return {
    models: new Map(models.map((model) => [model.name, model])),
    routes: { low: names, medium: names, high: names },
  };
}

export const USAGE: Usage = { inputTokens: 100, outputTokens: 20 };

export const replyOf = (different: Partial<Reply> = {}): Reply => ({
  ok: true,
  model: 'as-the-service-says',
  text: 'Because.',
  toolCalls: [],
  stop: 'end',
  usage: USAGE,
  ...different,
});

export const failureOf = (kind: FailureKind, different: Partial<Failure> = {}): Failure => ({
  ok: false,
  kind,
  message: `it was ${kind}`,
  ...different,
});

/** What a model says to a call, the first call first; the last is said again and again. A function may take its time. */
export type Said = Outcome | ((call: Call, signal: AbortSignal) => Outcome | Promise<Outcome>);

/** A provider that says what it is told to, and keeps how it was asked. */
export function sayingProvider(name: string, ...said: [Said, ...Said[]]): Provider & { calls: Call[] } {
  const calls: Call[] = [];
  return {
    name,
    calls,
    ask: async (call, signal) => {
      calls.push(call);
      const nth = said[Math.min(calls.length, said.length) - 1] ?? said[0];
      return typeof nth === 'function' ? nth(call, signal) : nth;
    },
  };
}

/** Never answers; ends when nobody wants to know any more. */
export const hanging: Said = (_call, signal) =>
  new Promise((resolve) => {
    const end = () => resolve(failureOf('aborted'));
    if (signal.aborted) end();
    signal.addEventListener('abort', end);
  });

/** Time that passes only by sleeping, or when a test says so. */
export class SleepingClock implements Clock {
  readonly slept: number[] = [];
  readonly #deadlines = new Set<{ at: number; controller: AbortController }>();
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.pass(ms);
    return Promise.resolve();
  }

  deadline(ms: number): Deadline {
    const deadline = { at: this.#nowMs + ms, controller: new AbortController() };
    this.#deadlines.add(deadline);
    return { signal: deadline.controller.signal, clear: () => this.#deadlines.delete(deadline) };
  }

  /** Deadlines that nobody has cleared. */
  get deadlines(): number {
    return this.#deadlines.size;
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const { at, controller } of this.#deadlines) if (at <= this.#nowMs) controller.abort();
  }
}

export interface Rig {
  models: Models;
  clock: SleepingClock;
  /** How often it was asked again, and why: `because/after`. */
  repeated: string[];
  /** How calls ended: `model:outcome`. */
  called: string[];
  clamped: string[];
  breakers: string[];
}

/** Models and what each says, in the order of the route. */
export function rigOf(...route: readonly { model: Model; provider: Provider }[]): Rig {
  const clock = new SleepingClock();
  const rig = { clock, repeated: [], called: [], clamped: [], breakers: [] } satisfies Omit<Rig, 'models'>;
  const { repeated, called, clamped, breakers }: Omit<Rig, 'models'> = rig;
  const observer: CallObserver = {
    repeated: (because, after) => repeated.push(`${because}/${after}`),
    called: ({ model, outcome }) => called.push(`${model.name}:${outcome}`),
    clamped: ({ name }) => clamped.push(name),
    breaker: ({ name }, state) => breakers.push(`${name}:${state}`),
  };
  const models = new Models({
    name: 'test',
    catalogue: catalogueOf(route.map(({ model }) => model)),
    available: new Set(route.map(({ model }) => model.provider)),
    providerOf: (model) => {
      const found = route.find((entry) => entry.model.name === model.name);
      if (found === undefined) throw new Error(`nobody plays ${model.name}`);
      return found.provider;
    },
    observer,
    clock,
    random: () => 0.5,
  });
  return { ...rig, models };
}
