import type { SpokenCall, Utterance } from './character.ts';

/** What the servers count by, in place of a tokenizer. */
export const CHARS_PER_TOKEN = 3.5;

export const tokensOf = (chars: number): number => Math.ceil(chars / CHARS_PER_TOKEN);

/** Characters around a call: its name and the frame that a model writes it in. */
const CALL_FRAME_CHARS = 20;

export function spokenTokens(said: Utterance): { output: number; thinking: number } {
  const thinking = tokensOf(said.thinking.length);
  const calls = said.calls.reduce((sum, one) => sum + callChars(one), 0);
  return { thinking, output: thinking + tokensOf(said.text.length + calls) };
}

const callChars = ({ name, argumentsJson }: SpokenCall) => name.length + argumentsJson.length + CALL_FRAME_CHARS;

/** What of an answer fits the limit; what does not is cut in the middle, the last call's arguments too. */
export function withinLimit(said: Utterance, outputTokensMax: number): Utterance {
  if (spokenTokens(said).output <= outputTokensMax) return said;
  let room = Math.floor(outputTokensMax * CHARS_PER_TOKEN);
  const take = (text: string): string => {
    const taken = text.slice(0, Math.max(0, room));
    room -= text.length;
    return taken;
  };
  const thinking = take(said.thinking);
  const text = take(said.text);
  const calls: SpokenCall[] = [];
  for (const { name, argumentsJson } of said.calls) {
    room -= name.length + CALL_FRAME_CHARS;
    if (room <= 0) break;
    calls.push({ name, argumentsJson: take(argumentsJson) });
  }
  return { ...said, thinking, text, calls, stop: 'length' };
}
