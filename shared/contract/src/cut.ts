/**
 * The text, or its beginning with "…" where it has more than `charsMax` characters: for foreign text in a field that
 * is bounded. Never cuts a surrogate pair in half.
 */
export function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const kept = text.slice(0, Math.max(0, charsMax - 1));
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
