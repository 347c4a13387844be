import type { Usage } from '@troupe/contract';

/** Tokens of one call, in or out, at most: about twice what the largest context of today holds. */
export const CALL_TOKENS_MAX = 2_000_000;

/** By how much a prompt may have more tokens than was estimated, and what a service may add of its own to any. */
export const INPUT_TIMES_MAX = 3;
export const INPUT_FRAME_TOKENS_MAX = 2_000;

/** What one call was expected to use, and what it can have used. */
export interface Foreseen {
  inputTokens: number;
  /** All that the call was allowed to write. */
  outputTokens: number;
  inputTokensMax: number;
  /** What came of the answer, estimated: nothing is written for no tokens. 0 if nothing is known to have come. */
  writtenTokens: number;
}

const FIELDS = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'thinkingTokens'] as const;

/** Usage as a provider counted it, which may say anything. */
export type RawUsage = { readonly [Field in keyof Usage]?: unknown };

/**
 * Usage that can be reckoned with. A count that cannot be (negative, no number, missing, more than {@link CALL_TOKENS_MAX};
 * more than the call could read or was allowed to write, none for what was read or written) is replaced by that of
 * `foreseen`, without it by the nearest that can be; fractions are rounded up; what is a part of something is no more than
 * the whole. `isClamped`: something had to be changed.
 */
export function clampUsage(raw: RawUsage, foreseen?: Foreseen): { usage: Usage; isClamped: boolean } {
  const inputTokens = count(raw.inputTokens, foreseen?.inputTokens, foreseen?.inputTokensMax, foreseen?.inputTokens);
  const outputTokens = count(raw.outputTokens, foreseen?.outputTokens, foreseen?.outputTokens, foreseen?.writtenTokens);
  const cacheReadTokens = part(raw.cacheReadTokens, inputTokens);
  const cacheWriteTokens = part(raw.cacheWriteTokens, inputTokens - (cacheReadTokens ?? 0));
  const thinkingTokens = part(raw.thinkingTokens, outputTokens);
  const usage: Usage = {
    inputTokens,
    outputTokens,
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(thinkingTokens !== undefined && { thinkingTokens }),
  };
  const isClamped = FIELDS.some((field) => usage[field] !== (raw[field] ?? undefined));
  return { usage, isClamped };
}

/** `insteadOfNone` is what 0 stands for; it may be 0. */
function count(raw: unknown, foreseen: number | undefined, max = CALL_TOKENS_MAX, insteadOfNone = 0): number {
  if (raw === 0) return Math.min(insteadOfNone, max);
  if (typeof raw === 'number' && raw >= 0 && raw <= Math.min(max, CALL_TOKENS_MAX)) return Math.ceil(raw);
  return foreseen ?? (typeof raw === 'number' && raw > 0 ? CALL_TOKENS_MAX : 0);
}

/** Left out stays left out: not every service counts parts. */
function part(raw: unknown, whole: number): number | undefined {
  if (raw === undefined || raw === null) return undefined;
  return typeof raw === 'number' && raw >= 0 ? Math.min(Math.ceil(raw), whole) : 0;
}
