import type { Model } from './model.ts';

/** However far off an estimate was: all tenants share what is learnt, and one asks in a script that the others do not. */
export const RATIO_MIN = 0.8;
export const RATIO_MAX = 1.5;

/** How much the newest answer counts. */
const NEWEST_WEIGHT = 0.2;

/** Smaller prompts are mostly frame: they say nothing about a model's tokenizer. */
const LEARNT_TOKENS_MIN = 50;

/** Models that are remembered; the one that was learnt of the longest ago goes first. */
export const MODELS_REMEMBERED_MAX = 256;

type Named = Pick<Model, 'provider' | 'name'>;

/** Learns per model by what estimates have to be multiplied, from the usage that its service reports. */
export class TokenCorrector {
  readonly #ratios = new Map<string, number>();

  /** An estimate as the model's tokenizer would have it; as it is while nothing is known. */
  corrected(model: Named, estimatedTokens: number): number {
    return Math.ceil(estimatedTokens * this.ratio(model));
  }

  /** Actual over estimated tokens, {@link RATIO_MIN} to {@link RATIO_MAX}. */
  ratio(model: Named): number {
    return this.#ratios.get(keyOf(model)) ?? 1;
  }

  /** `actualTokens` is the whole prompt, what came from a cache included. Figures that cannot be are not learnt from. */
  learn(model: Named, estimatedTokens: number, actualTokens: number): void {
    const told = actualTokens / estimatedTokens;
    if (!(estimatedTokens >= LEARNT_TOKENS_MIN && actualTokens > 0 && Number.isFinite(told))) return;
    const seen = Math.min(RATIO_MAX, Math.max(RATIO_MIN, told));
    const key = keyOf(model);
    const known = this.#ratios.get(key);
    this.#ratios.delete(key);
    this.#ratios.set(key, known === undefined ? seen : known + NEWEST_WEIGHT * (seen - known));
    for (const oldest of this.#ratios.keys()) {
      if (this.#ratios.size <= MODELS_REMEMBERED_MAX) return;
      this.#ratios.delete(oldest);
    }
  }
}

function keyOf({ provider, name }: Named): string {
  return JSON.stringify([provider, name]);
}
