import type { Answer, Turn } from '@troupe/contract';

/** The turn that an answer adds to a conversation; an answer that never came adds none. */
export function turnOf(answer: Answer): Turn[] {
  return answer.ok ? [{ role: 'assistant', text: answer.text, toolCalls: answer.toolCalls }] : [];
}

/**
 * A conversation that every provider accepts: each tool call of an assistant turn is answered right behind it. Calls
 * that were never run (refused before they were sent, or cut by a limit) are answered with `unanswered`.
 */
export function completeTurns(turns: readonly Turn[], unanswered: string): Turn[] {
  const answers = new Map(turns.flatMap((turn) => (turn.role === 'tool' ? [[turn.callId, turn] as const] : [])));
  return turns.flatMap((turn): Turn[] => {
    if (turn.role === 'tool') return [];
    if (turn.role === 'user') return [turn];
    const replies = turn.toolCalls.map(
      ({ id, name }): Turn => answers.get(id) ?? { role: 'tool', callId: id, name, text: unanswered, failed: true },
    );
    return [turn, ...replies];
  });
}
