import { LRUCache } from 'lru-cache';
import type { Model } from '../models/model.ts';

/** Models whose refusals are remembered, and how many parameters of each. */
export const REMEMBERED_MODELS_MAX = 256;
export const REMEMBERED_PARAMETERS_MAX = 16;
const NAME_CHARS_MAX = 64;

const NONE: ReadonlySet<string> = new Set();

/** What models have refused and were fine without, for as long as the process lives: it is paid for once, not per question. */
export class RefusedParameters {
  readonly #byModel = new LRUCache<string, ReadonlySet<string>>({ max: REMEMBERED_MODELS_MAX });

  of(model: Model): ReadonlySet<string> {
    return this.#byModel.get(keyOf(model)) ?? NONE;
  }

  remember(model: Model, parameters: ReadonlySet<string>): void {
    if (parameters.size === 0) return;
    const short = [...this.of(model), ...parameters].filter((name) => name.length <= NAME_CHARS_MAX);
    this.#byModel.set(keyOf(model), new Set([...new Set(short)].slice(0, REMEMBERED_PARAMETERS_MAX)));
  }
}

const keyOf = ({ provider, name }: Model): string => `${provider}/${name}`;
