import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
} from 'cockatiel';
import type { Model } from '../models/model.ts';
import type { FailureKind, Outcome } from '../providers/provider.ts';

/** Calls in a row that failed before a model is left alone. */
export const BREAKER_FAILURES = 5;
/** How long it is left alone; one call then tries whether it is back. */
export const BREAKER_OPEN_MS = 10_000;
/** When to look again at a breaker whose one call is under way. */
export const BREAKER_TRIAL_MS = 1_000;

/** As the metric says it: 0, 1 and 2. */
export const BREAKER_STATES = ['closed', 'open', 'half-open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** The model is left alone just now. `retryAfterMs` is when to look again. */
export interface LeftAlone {
  ok: false;
  kind: 'open';
  message: string;
  retryAfterMs: number;
}

/** What says that a service is down. A refusal comes from one that is up, and a limit is no outage. */
const OUTAGES: ReadonlySet<unknown> = new Set<FailureKind>(['unreachable', 'overloaded', 'timeout']);

/** Of a failure as the library hands it back. */
const kindOf = (outcome: unknown): unknown =>
  typeof outcome === 'object' && outcome !== null && 'kind' in outcome ? outcome.kind : undefined;

/** One breaker for each provider and model: there are as many as models in the catalogue. */
export class Breakers {
  readonly #breakers = new Map<string, Breaker>();
  readonly #onChange: (model: Model, state: BreakerState) => void;

  constructor(onChange: (model: Model, state: BreakerState) => void = () => {}) {
    this.#onChange = onChange;
  }

  stateOf(model: Model): BreakerState {
    return this.#of(model).state;
  }

  /** Makes the call, unless the model is left alone. `call` never rejects. */
  ask(model: Model, call: () => Promise<Outcome>): Promise<Outcome | LeftAlone> {
    return this.#of(model).ask(call);
  }

  #of(model: Model): Breaker {
    const key = `${model.provider}/${model.name}`;
    const known = this.#breakers.get(key);
    if (known !== undefined) return known;
    const breaker = new Breaker((state) => this.#onChange(model, state));
    this.#breakers.set(key, breaker);
    this.#onChange(model, breaker.state);
    return breaker;
  }
}

class Breaker {
  readonly #circuit: CircuitBreakerPolicy;
  #openedAt = 0;

  constructor(onChange: (state: BreakerState) => void) {
    this.#circuit = circuitBreaker(
      // The one call of a half-open breaker has to show something: one that nobody waited for shows nothing.
      handleWhenResult(
        (outcome) => OUTAGES.has(kindOf(outcome)) || (this.state === 'half-open' && kindOf(outcome) === 'aborted'),
      ),
      { breaker: new ConsecutiveBreaker(BREAKER_FAILURES), halfOpenAfter: BREAKER_OPEN_MS },
    );
    this.#circuit.onBreak(() => (this.#openedAt = Date.now()));
    this.#circuit.onStateChange(() => onChange(this.state));
  }

  get state(): BreakerState {
    if (this.#circuit.state === CircuitState.HalfOpen) return 'half-open';
    return this.#circuit.state === CircuitState.Closed ? 'closed' : 'open';
  }

  async ask(call: () => Promise<Outcome>): Promise<Outcome | LeftAlone> {
    // The library would let all others wait for the end of the one call.
    if (this.state === 'half-open') return leftAlone(BREAKER_TRIAL_MS);
    try {
      return await this.#circuit.execute(call);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      return leftAlone(Math.max(1, this.#openedAt + BREAKER_OPEN_MS - Date.now()));
    }
  }
}

const leftAlone = (retryAfterMs: number): LeftAlone => ({
  ok: false,
  kind: 'open',
  message: `did not answer ${BREAKER_FAILURES} calls in a row and is left alone for a moment`,
  retryAfterMs,
});
