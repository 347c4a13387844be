import { createHash } from 'node:crypto';
import { tokensOf } from '../tokens.ts';

/** Shorter prompts are not cached, longer ones in steps. */
export const CACHED_TOKENS_MIN = 1_024;
export const CACHED_TOKENS_STEP = 128;
/** Beginnings of prompts that are remembered. */
export const PREFIXES_KEPT_MAX = 100_000;

/** Tokens of a prompt in parts. */
export const tokensIn = (parts: readonly string[]): number =>
  tokensOf(parts.reduce((chars, part) => chars + part.length, 0));

/** Which beginnings of prompts were seen before, as OpenAI's services cache them by themselves. */
export class PromptCache {
  #seen = new Set<string>();

  /** Tokens of a prompt in parts, and how many of them came from the cache. The prompt is cached after it. */
  count(parts: readonly string[]): { inputTokens: number; cachedTokens: number } {
    const hash = createHash('sha256');
    let chars = 0;
    let cachedChars = 0;
    for (const part of parts) {
      chars += part.length;
      const digest = hash.update(JSON.stringify(part)).copy().digest('base64');
      if (this.#seen.has(digest)) cachedChars = chars;
      else this.#keep(digest);
    }
    const cached = Math.floor(tokensOf(cachedChars) / CACHED_TOKENS_STEP) * CACHED_TOKENS_STEP;
    return { inputTokens: tokensOf(chars), cachedTokens: cached < CACHED_TOKENS_MIN ? 0 : cached };
  }

  #keep(digest: string): void {
    this.#seen.add(digest);
    const [oldest] = this.#seen;
    if (this.#seen.size > PREFIXES_KEPT_MAX && oldest !== undefined) this.#seen.delete(oldest);
  }
}
