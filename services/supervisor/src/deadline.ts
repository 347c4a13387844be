import type { Input } from '@troupe/contract';
import type { Facts, State } from './state.ts';

/** What is kept of a run's time for checking and handing in what there is: a tenth of it, at most this. */
const RESERVE_MS_MAX = 10_000;
const RESERVED_PART = 10;

/** When the work of a run ends (Unix ms by the broker): what is there then is handed in, so that it is out in time. */
export function handInAtOf({ startedAt, deadlineAt }: Pick<Facts, 'startedAt' | 'deadlineAt'>): number {
  return deadlineAt - Math.min(RESERVE_MS_MAX, Math.floor((deadlineAt - startedAt) / RESERVED_PART));
}

/**
 * When a run has to be looked at again, armed as durable timers with its goal: when its work ends, and when it must
 * have ended itself.
 */
export function deadlinesOf(state: State, input: Input): readonly number[] {
  if (input.type !== 'run.started' || state.status === 'ended') return [];
  const { storedAt: startedAt, body } = input;
  const times = { startedAt, deadlineAt: startedAt + body.goal.options.deadline_ms };
  return [handInAtOf(times), times.deadlineAt];
}

/** Whether a run has to end with this input: its deadline, or anything that the broker stored after it. */
export function isOver({ deadlineAt }: Facts, input: Input): boolean {
  const at = 'storedAt' in input ? input.storedAt : input.at;
  return at >= deadlineAt;
}

/** How a run ends that is not done at its deadline: what was not checked does not leave. */
export function tooLate(state: Exclude<State, { status: 'idle' | 'ended' }>): { status: 'failed'; reason: string } {
  const before = {
    planning: 'before there was a plan',
    running: 'before there was a report',
    checking: 'before the report was checked',
  };
  return { status: 'failed', reason: `the deadline was reached ${before[state.status]}` };
}
