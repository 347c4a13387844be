import type { Input, Outgoing } from '@troupe/contract';
import type { Entry } from '@troupe/decider';

/** What the guard remembers of a run: which calls it answered, and how many of each tool it granted. */
export interface State {
  answered: string[];
  granted: Readonly<Record<string, number>>;
}

export const initial: State = { answered: [], granted: {} };

/** Who asked belongs to the key: nobody can take the name of another's call. */
export const callKey = (task: string, requester: string, call: string): string => `${task}/${requester}/${call}`;

export function evolve(state: State, entry: Entry<Input, Outgoing>): State {
  if (entry.kind === 'input') return state;
  const { output } = entry;
  switch (output.type) {
    case 'tool.granted': {
      const { call, tool } = output.body.grant;
      return {
        answered: [...state.answered, callKey(output.task, output.body.grant.requester, call)],
        granted: { ...state.granted, [tool]: (state.granted[tool] ?? 0) + 1 },
      };
    }
    case 'tool.denied':
      return { ...state, answered: [...state.answered, callKey(output.task, output.to, output.body.call)] };
    default:
      return state;
  }
}
