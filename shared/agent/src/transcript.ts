import type { Answer, Turn } from '@troupe/contract';

/** The turn that an answer adds to a conversation; an answer that never came adds none. */
export function turnOf(answer: Answer): Turn[] {
  if (!answer.ok) return [];
  const { text, toolCalls, echo } = answer;
  return [{ role: 'assistant', text, toolCalls, ...(echo === undefined ? {} : { echo }) }];
}

/**
 * A conversation that every provider accepts: each tool call of an assistant turn is answered right behind it. Calls
 * that were never run (refused before they were sent, or cut by a limit) are answered with `unanswered`.
 */
export function completeTurns(turns: readonly Turn[], unanswered: string): Turn[] {
  return turns.flatMap((turn, index): Turn[] => {
    if (turn.role === 'tool') return [];
    if (turn.role === 'user') return [turn];
    // Some servers use the same ID in every answer: only the results up to the next answer belong to this one.
    const end = turns.findIndex((later, place) => place > index && later.role === 'assistant');
    const results = turns.slice(index + 1, end === -1 ? undefined : end);
    const replies = turn.toolCalls.map(
      ({ id, name }): Turn =>
        results.find((result) => result.role === 'tool' && result.callId === id) ?? {
          role: 'tool',
          callId: id,
          name,
          text: unanswered,
          failed: true,
        },
    );
    return [turn, ...replies];
  });
}
