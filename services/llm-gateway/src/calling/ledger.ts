import type { Usage } from '@troupe/contract';

const DETAILS = ['cacheReadTokens', 'cacheWriteTokens', 'thinkingTokens'] as const;

/** What one question has cost by now, over all its calls. */
export class Ledger {
  #usage: Usage | undefined;
  #costUsd: number | null = 0;

  /** `costUsd` is null if the model's price is not known: the sum is not known either then. */
  add(usage: Usage, costUsd: number | null): void {
    this.#usage = this.#usage === undefined ? usage : sum(this.#usage, usage);
    this.#costUsd = this.#costUsd === null || costUsd === null ? null : this.#costUsd + costUsd;
  }

  /** Undefined as long as nothing was paid. */
  get usage(): Usage | undefined {
    return this.#usage;
  }

  get costUsd(): number | null {
    return this.#costUsd;
  }

  get tokens(): number {
    return this.#usage === undefined ? 0 : this.#usage.inputTokens + this.#usage.outputTokens;
  }
}

function sum(one: Usage, other: Usage): Usage {
  const total: Usage = {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
  };
  for (const detail of DETAILS)
    if (one[detail] !== undefined || other[detail] !== undefined)
      total[detail] = (one[detail] ?? 0) + (other[detail] ?? 0);
  return total;
}
