import type { Answer, Question } from '@troupe/contract';
import type { Catalogue } from '../models/catalogue.ts';
import { estimateTokens } from '../models/estimate.ts';
import type { Model } from '../models/model.ts';
import { routeFor } from '../models/route.ts';
import { TokenCorrector } from '../models/token-corrector.ts';
import type { DirectProvider } from '../providers/direct.ts';
import type { Provider } from '../providers/provider.ts';
import { Breakers } from './breakers.ts';
import { type Clock, systemClock } from './clock.ts';
import { Inquiry, type Shared } from './inquiry.ts';
import { type CallObserver, silent } from './observer.ts';
import { Pace } from './pace.ts';
import { RefusedParameters } from './refused-parameters.ts';
import type { Seat } from './seat.ts';

export interface ModelsOptions {
  /** What is asked, for the log. */
  name: string;
  catalogue: Catalogue;
  /** Providers that there are credentials for. */
  available: ReadonlySet<string>;
  /** Who asks a model; there is one for each model of an available provider. */
  providerOf(model: Model): Provider;
  observer?: CallObserver;
  clock?: Clock;
  random?: () => number;
}

/** Asks models: each question those of its route, with what was learnt from all questions before. */
export class Models implements DirectProvider {
  readonly name: string;
  readonly breakers: Breakers;
  readonly #options: ModelsOptions;
  /** What was learnt, for all questions. */
  readonly #shared: Shared;
  /** By provider: its limits are for all of its models together, as far as it does not say otherwise. */
  readonly #paces = new Map<string, Pace>();
  /** The models that may be asked, those first that make most tokens of a text. */
  readonly #densestFirst: readonly Model[];

  constructor(options: ModelsOptions) {
    this.name = options.name;
    this.#options = options;
    const { providerOf, observer = silent, clock = systemClock, random = Math.random } = options;
    this.breakers = new Breakers((model, state) => observer.breaker(model, state));
    this.#shared = {
      providerOf,
      paceOf: ({ provider }) => this.#paceOf(provider, clock),
      clock,
      random,
      observer,
      breakers: this.breakers,
      refused: new RefusedParameters(),
      corrector: new TokenCorrector(),
    };
    this.#densestFirst = [...options.catalogue.models.values()]
      .filter(({ provider }) => options.available.has(provider))
      .toSorted((a, b) => a.charsPerToken - b.charsPerToken);
  }

  /** Not async: nothing of it is left, the question least of all, while that waits without its `seat`. */
  ask(question: Question, signal: AbortSignal, seat?: Seat): Promise<Answer> {
    const [model, ...others] = this.#route(question);
    if (model === undefined) return Promise.resolve(this.#noModel(question));
    return new Inquiry(question, signal, this.#shared, seat).answer(model, others);
  }

  #paceOf(provider: string, clock: Clock): Pace {
    const known = this.#paces.get(provider);
    if (known !== undefined) return known;
    const pace = new Pace(clock);
    this.#paces.set(provider, pace);
    return pace;
  }

  /** How many tokens its prompt has depends on the model; so first the models that hold it by any reckoning. */
  #route(question: Question): Model[] {
    const cautious = this.#routeOf(question, tokensOf(question, this.#densestFirst.at(0)));
    return cautious.length > 0 ? cautious : this.#routeOf(question, tokensOf(question, this.#densestFirst.at(-1)));
  }

  #routeOf({ tier, purpose, model, outputTokensMax }: Question, inputTokens: number): Model[] {
    const { catalogue, available } = this.#options;
    return routeFor(catalogue, available, { tier, purpose, model, inputTokens, outputTokens: outputTokensMax });
  }

  #noModel(question: Question): Answer {
    if (this.#routeOf({ ...question, outputTokensMax: 1 }, 0).length > 0) {
      const tokens = tokensOf(question, this.#densestFirst.at(-1));
      const message = `about ${tokens} tokens and an answer of ${question.outputTokensMax} fit no model`;
      return { ok: false, kind: 'too_long', message };
    }
    const wanted = question.model === undefined ? `of the tier ${question.tier}` : `"${question.model}"`;
    return { ok: false, kind: 'rejected', message: `no model ${wanted} is configured with a key` };
  }
}

const tokensOf = (question: Question, model: Model | undefined): number =>
  model === undefined ? 0 : estimateTokens(question, model);
