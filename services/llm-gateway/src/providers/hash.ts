/** FNV-1a, 32 bits: spreads texts evenly and costs next to nothing. Not for anything secret. */
export function hash32(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * The ID of the call with this index in the answer to this question: the same on every run, unlike that of any other
 * question, and short and plain enough for every provider's protocol (at most 40 of A–Z, a–z, 0–9, "_" and "-").
 */
export function callId(questionId: string, index: number): string {
  const first = hash32(questionId);
  const second = hash32(questionId, first ^ 0x9e3779b9);
  return `call_${hex(first)}${hex(second)}_${index}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
