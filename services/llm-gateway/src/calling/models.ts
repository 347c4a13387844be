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
import { Inquiry } from './inquiry.ts';
import { type CallObserver, silent } from './observer.ts';
import { RefusedParameters } from './refused-parameters.ts';

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
  readonly #refused = new RefusedParameters();
  readonly #corrector = new TokenCorrector();
  readonly #observer: CallObserver;
  readonly #densest: Model | undefined;

  constructor(options: ModelsOptions) {
    this.name = options.name;
    this.#options = options;
    this.#observer = options.observer ?? silent;
    this.breakers = new Breakers((model, state) => this.#observer.breaker(model, state));
    this.#densest = densestOf(options.catalogue.models.values());
  }

  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const [model, ...others] = this.#routeOf(question, this.#tokensOf(question));
    if (model === undefined) return this.#noModel(question);
    const { providerOf, clock = systemClock, random = Math.random } = this.#options;
    const shared = {
      providerOf,
      clock,
      random,
      observer: this.#observer,
      breakers: this.breakers,
      refused: this.#refused,
      corrector: this.#corrector,
    };
    return new Inquiry(question, signal, shared).answer(model, others);
  }

  #routeOf({ tier, purpose, model, outputTokensMax }: Question, inputTokens: number): Model[] {
    const { catalogue, available } = this.#options;
    return routeFor(catalogue, available, { tier, purpose, model, inputTokens, outputTokens: outputTokensMax });
  }

  /** By the model that makes most tokens of a text: which one will be asked is not known yet. */
  #tokensOf(question: Question): number {
    return this.#densest === undefined ? 0 : estimateTokens(question, this.#densest);
  }

  #noModel(question: Question): Answer {
    if (this.#routeOf({ ...question, outputTokensMax: 1 }, 0).length > 0)
      return {
        ok: false,
        kind: 'too_long',
        message: `about ${this.#tokensOf(question)} tokens and an answer of ${question.outputTokensMax} fit no model`,
      };
    const wanted = question.model === undefined ? `of the tier ${question.tier}` : `"${question.model}"`;
    return { ok: false, kind: 'rejected', message: `no model ${wanted} is configured with a key` };
  }
}

function densestOf(models: Iterable<Model>): Model | undefined {
  let densest: Model | undefined;
  for (const model of models) if (densest === undefined || model.charsPerToken < densest.charsPerToken) densest = model;
  return densest;
}
