import type { Input, Outgoing, Token } from '@troupe/contract';
import type { Entry } from '@troupe/decider';

/** Calls of one task that are remembered by name; a task may make at most 200, denied ones not counted. */
export const CALLS_ANSWERED_MAX = 256;
/** Requests of one role in one run that are told why they have no good warrant; what comes after is noted alone. */
export const UNWARRANTED_ANSWERED_MAX = 64;

/** What one role asked for in one task that the supervisor gave to it. */
export interface TaskCalls {
  /** Names of the calls that were answered. Never more than {@link CALLS_ANSWERED_MAX}. */
  answered: Readonly<Record<string, true>>;
  answers: number;
  granted: number;
}

/**
 * What the guard remembers of a run. It grows with the tasks that the supervisor signed and with the roles that there
 * are, not with what anybody asks for.
 */
export interface State {
  /** By {@link holderKey}. */
  tasks: Readonly<Record<string, TaskCalls>>;
  /** How many calls of each tool were granted, over all tasks. */
  granted: Readonly<Record<string, number>>;
  /** How many requests of each role were denied for want of a good warrant. */
  unwarranted: Readonly<Record<Token, number>>;
}

export const initial: State = { tasks: {}, granted: {}, unwarranted: {} };

/** Rules by which a request is denied that no good warrant came with: nothing else is remembered of it. */
const NO_WARRANT_RULES: readonly string[] = ['no-warrant', 'bad-warrant', 'warrant-expired'];

/** Who asks belongs to the key: nobody can use up, or take a name from, the task of another. */
const holderKey = (task: Token, requester: Token): string => `${task}/${requester}`;

const NO_CALLS: TaskCalls = { answered: {}, answers: 0, granted: 0 };

export const callsOf = ({ tasks }: State, task: Token, requester: Token): TaskCalls =>
  tasks[holderKey(task, requester)] ?? NO_CALLS;

export function evolve(state: State, entry: Entry<Input, Outgoing>): State {
  if (entry.kind === 'input') return state;
  const { output } = entry;
  switch (output.type) {
    case 'tool.granted': {
      const { call, tool, requester } = output.body.grant;
      const granted = { ...state.granted, [tool]: (state.granted[tool] ?? 0) + 1 };
      return { ...answered(state, output.task, requester, call, 1), granted };
    }
    case 'tool.denied': {
      const { call, rule } = output.body;
      if (!NO_WARRANT_RULES.includes(rule)) return answered(state, output.task, output.to, call, 0);
      const unwarranted = { ...state.unwarranted, [output.to]: (state.unwarranted[output.to] ?? 0) + 1 };
      return { ...state, unwarranted };
    }
    default:
      return state;
  }
}

function answered(state: State, task: Token, requester: Token, call: string, granted: 0 | 1): State {
  const before = callsOf(state, task, requester);
  const calls: TaskCalls = {
    // `callKey` keeps names such as "__proto__" ordinary.
    answered: { ...before.answered, [callKey(call)]: true },
    answers: before.answers + 1,
    granted: before.granted + granted,
  };
  return { ...state, tasks: { ...state.tasks, [holderKey(task, requester)]: calls } };
}

export const callKey = (call: string): string => `call ${call}`;
