import type { Input, Outgoing } from '@troupe/contract';
import type { Entry } from '@troupe/decider';

/** The effect ledger of one task: what became of each call. */
export interface State {
  /** `started`: an effect that may have happened; `used`: the grant was answered or refused for good. */
  calls: Readonly<Record<string, 'started' | 'used'>>;
}

export const initial: State = { calls: {} };

export function evolve(state: State, entry: Entry<Input, Outgoing>): State {
  if (entry.kind === 'input') return state;
  const { output } = entry;
  switch (output.type) {
    case 'effect.started':
      return { calls: { ...state.calls, [output.body.call]: 'started' } };
    case 'tool.returned':
      return { calls: { ...state.calls, [output.body.call]: 'used' } };
    default:
      return state;
  }
}
