import type { Usage } from '@troupe/contract';

/** Tokens of one call, in or out, at most: about twice what the largest context of today holds. */
export const CALL_TOKENS_MAX = 2_000_000;

/** Usage as a provider counted it, which may say anything. */
export type RawUsage = { readonly [Field in keyof Usage]?: unknown };

/**
 * Usage that can be reckoned with. A count that cannot be (negative, no number, missing, more than {@link CALL_TOKENS_MAX})
 * is replaced by the one of `estimated`, without it by the nearest that can be; fractions are rounded up; what is a part
 * of something is no more than the whole. `isClamped`: something had to be changed.
 */
export function clampUsage(raw: RawUsage, estimated?: Usage): { usage: Usage; isClamped: boolean } {
  const inputTokens = count(raw.inputTokens, estimated?.inputTokens);
  const outputTokens = count(raw.outputTokens, estimated?.outputTokens);
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
  const isClamped =
    inputTokens !== raw.inputTokens ||
    outputTokens !== raw.outputTokens ||
    (cacheReadTokens ?? undefined) !== (raw.cacheReadTokens ?? undefined) ||
    (cacheWriteTokens ?? undefined) !== (raw.cacheWriteTokens ?? undefined) ||
    (thinkingTokens ?? undefined) !== (raw.thinkingTokens ?? undefined);
  return { usage, isClamped };
}

function count(raw: unknown, estimated: number | undefined): number {
  if (typeof raw === 'number' && raw >= 0 && raw <= CALL_TOKENS_MAX) return Math.ceil(raw);
  return estimated ?? (typeof raw === 'number' && raw > 0 ? CALL_TOKENS_MAX : 0);
}

/** Left out stays left out: not every service counts parts. */
function part(raw: unknown, whole: number): number | undefined {
  if (raw === undefined || raw === null) return undefined;
  return typeof raw === 'number' && raw >= 0 ? Math.min(Math.ceil(raw), whole) : 0;
}
