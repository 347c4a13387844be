import { addSpent, costOf, NOTHING_SPENT, turnOf } from '@troupe/agent';
import type { Evidence, Input, MessageOf, Outgoing, SealedEvidence, Spent, Turn } from '@troupe/contract';
import type { Entry } from '@troupe/decider';
import { CLOSED, firstTurn, toolTurn } from './prompt.ts';

export type Task = MessageOf<'task.assigned'>;

/** A call that was sent and not answered yet. */
export interface PendingCall {
  call: string;
  modelCall: string;
  tool: string;
}

export interface Working {
  status: 'working';
  task: Task;
  turns: Turn[];
  pending: PendingCall[];
  /** Signatures of all calls that were sent: the same call again brings nothing new. */
  sent: string[];
  evidence: SealedEvidence[];
  spent: Spent;
  /** Answers that a model gave. */
  steps: number;
  /** Answers that were sent back. */
  rejected: number;
  /** Results in a row that brought no evidence that was not there before. */
  barren: number;
  /** Only the findings may still be handed in. */
  isClosed: boolean;
}

/** Results in a row without new evidence before only the findings may be handed in. */
const BARREN_MAX = 3;

export type State = { status: 'idle' } | Working | { status: 'done' };
export const initial: State = { status: 'idle' };

export function evolve(state: State, entry: Entry<Input, Outgoing>): State {
  return entry.kind === 'input' ? afterInput(state, entry.input) : afterOutput(state, entry.output);
}

function afterInput(state: State, input: Input): State {
  if (state.status === 'idle' && input.type === 'task.assigned') {
    const lists = { pending: [], sent: [], evidence: [] };
    const counts = { spent: NOTHING_SPENT, steps: 0, rejected: 0, barren: 0 };
    const state = { status: 'working' as const, task: input, turns: [firstTurn(input)], ...lists, ...counts };
    return closed({ ...state, isClosed: false });
  }
  if (state.status !== 'working') return state;
  switch (input.type) {
    case 'tool.returned':
    case 'tool.denied':
      return closed(afterToolAnswer(state, input));
    case 'answer.rejected':
      return closed({
        ...state,
        turns: [...state.turns, { role: 'user', text: input.body.complaint }],
        rejected: state.rejected + 1,
      });
    default:
      return state;
  }
}

function afterToolAnswer(state: Working, input: MessageOf<'tool.returned' | 'tool.denied'>): Working {
  const answered = state.pending.find(({ call }) => call === input.body.call);
  if (answered === undefined) return state;
  const fresh =
    input.type === 'tool.returned' && input.body.outcome.ok
      ? input.body.outcome.evidence.filter((e) => !holds(state.evidence, e))
      : [];
  return {
    ...state,
    pending: state.pending.filter(({ call }) => call !== input.body.call),
    turns: [...state.turns, toolTurn(answered, input)],
    evidence: [...state.evidence, ...fresh],
    barren: fresh.length > 0 ? 0 : state.barren + 1,
  };
}

/** Closes the tools when a limit is reached and all results are in; from then on they stay closed. */
function closed(state: Working): Working {
  const { task, steps, barren, spent, pending, turns, isClosed } = state;
  const isOver = steps + 1 >= task.budget.steps || barren >= BARREN_MAX || spent.toolCalls >= task.budget.toolCalls;
  if (isClosed || pending.length > 0 || !isOver) return state;
  return { ...state, isClosed: true, turns: [...turns, CLOSED] };
}

const holds = (evidence: readonly Evidence[], candidate: Evidence): boolean =>
  evidence.some(
    ({ path, startLine, endLine }) =>
      path === candidate.path && startLine === candidate.startLine && endLine === candidate.endLine,
  );

/** Call signature: same tool, same arguments. */
export const signatureOf = (tool: string, args: Record<string, unknown>): string => `${tool} ${JSON.stringify(args)}`;

function afterOutput(state: State, output: Outgoing): State {
  if (state.status !== 'working') return state;
  const answered = output.model === undefined ? state : afterAnswer(state, output.model.answer);
  switch (output.type) {
    case 'tool.requested': {
      const { call, modelCall, tool, arguments: args } = output.body;
      return {
        ...answered,
        pending: [...answered.pending, { call, modelCall, tool }],
        sent: [...answered.sent, signatureOf(tool, args)],
        spent: addSpent(answered.spent, { ...NOTHING_SPENT, toolCalls: 1 }),
      };
    }
    case 'task.completed':
    case 'task.failed':
      return { status: 'done' };
    default:
      return answered;
  }
}

function afterAnswer(state: Working, answer: Parameters<typeof costOf>[0]): Working {
  return {
    ...state,
    turns: [...state.turns, ...turnOf(answer)],
    spent: addSpent(state.spent, costOf(answer)),
    steps: state.steps + 1,
  };
}
