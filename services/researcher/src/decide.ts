import { addSpent, costOf, questionWithin, readAnswer } from '@troupe/agent';
import type { AgentQuestion, RoleDecider } from '@troupe/actor';
import {
  type Answer,
  FindingsSubmission,
  type Input,
  type Outgoing,
  type Spent,
  SUBMIT_FINDINGS,
  type ToolCall,
} from '@troupe/contract';
import { ask, type Decision, send } from '@troupe/decider';
import { findingsFrom } from './findings.ts';
import { promptOf } from './prompt.ts';
import { evolve, initial, signatureOf, type State, type Working } from './state.ts';

/** Answers that may be sent back to the model before the task fails. */
const REJECTED_MAX = 2;

export const researcher: RoleDecider<State> = {
  initial,
  decide,
  conclude,
  evolve,
  isDone: ({ status }) => status === 'done',
};

function decide(state: State, input: Input): Decision<Outgoing, AgentQuestion> {
  const next = evolve(state, { kind: 'input', input });
  if (next.status !== 'working') return send();
  switch (input.type) {
    case 'task.assigned':
      return state.status === 'idle' ? nextQuestion(next) : send();
    case 'tool.returned':
    case 'tool.denied':
      return next === state || next.pending.length > 0 ? send() : nextQuestion(next);
    case 'answer.rejected':
      return nextQuestion(next);
    default:
      return send();
  }
}

/** Asks on, or hands in what there is when a limit leaves no other way. */
function nextQuestion(state: Working): Decision<Outgoing, AgentQuestion> {
  const { task, turns, spent, steps, isClosed } = state;
  if (steps >= task.budget.steps)
    return send(handIn(state, spent, `the limit of ${task.budget.steps} steps was reached`));
  const question = questionWithin(task.budget, spent, promptOf(task, turns, isClosed));
  return question === undefined
    ? send(handIn(state, spent, `the budget of ${task.budget.tokens} tokens is used up`))
    : ask(question);
}

function conclude(state: State, input: Input, answer: Answer): Outgoing[] {
  const next = evolve(state, { kind: 'input', input });
  if (next.status !== 'working') return [];
  const spent = addSpent(next.spent, costOf(answer));
  const read = readAnswer(answer, SUBMIT_FINDINGS.name, FindingsSubmission);
  switch (read.kind) {
    case 'submitted': {
      const { findings, unsupported } = findingsFrom(read.value, next.evidence);
      const nothingHeld = unsupported > 0 && findings.claims.length === 0;
      if (nothingHeld && next.rejected < REJECTED_MAX)
        return [reject(next, 'None of your sources is a passage that a tool returned. Cite only those.')];
      return [{ ...base(next), type: 'task.completed', body: { artifact: findings, spent }, integrity: 'outside' }];
    }
    case 'calls':
      return toolRequests(next, read.calls, spent);
    case 'unusable':
      return [
        next.rejected < REJECTED_MAX
          ? reject(next, read.complaint)
          : fail(next, spent, `the model's answers could not be used: ${read.complaint}`),
      ];
    case 'down':
      return [next.evidence.length > 0 ? handIn(next, spent, read.reason) : fail(next, spent, read.reason)];
  }
}

/** `paid`: what the task has spent, this answer included. */
function toolRequests(state: Working, calls: ToolCall[], paid: Spent): Outgoing[] {
  const { task, sent, spent, isClosed } = state;
  const known = new Set(sent);
  const fresh = calls.filter(({ name, arguments: args }) => {
    const signature = signatureOf(name, args);
    return !known.has(signature) && known.add(signature);
  });
  const allowed = fresh.slice(0, isClosed ? 0 : Math.max(0, task.budget.toolCalls - spent.toolCalls));
  if (allowed.length === 0) {
    const why =
      fresh.length === 0 ? 'You repeated calls that were answered already.' : 'No more tool calls are allowed.';
    const complaint = `${why} Hand in your findings with ${SUBMIT_FINDINGS.name}.`;
    return [
      state.rejected < REJECTED_MAX ? reject(state, complaint) : handIn(state, paid, 'the model made no progress'),
    ];
  }
  return allowed.map((call, index) => ({
    type: 'tool.requested',
    body: {
      call: `c${sent.length + index + 1}`,
      modelCall: call.id,
      tool: call.name,
      arguments: call.arguments,
      ...(task.body.warrant === undefined ? {} : { warrant: task.body.warrant }),
    },
    to: 'policy-guard',
    task: task.task,
    budget: task.budget,
    integrity: 'outside',
  }));
}

const base = ({ task }: Working) => ({
  to: 'supervisor',
  task: task.task,
  budget: task.budget,
  integrity: 'agent' as const,
});

const reject = (state: Working, complaint: string): Outgoing => ({
  ...base(state),
  to: 'researcher',
  type: 'answer.rejected',
  body: { complaint },
});

const fail = (state: Working, spent: Spent, reason: string): Outgoing => ({
  ...base(state),
  type: 'task.failed',
  body: { reason, spent },
});

/** What there is when the model can say no more: the evidence stays in the log, no claim is made up from it. */
function handIn(state: Working, spent: Spent, shortfall: string): Outgoing {
  const gap = `Not researched to the end: ${shortfall}.`;
  return {
    ...base(state),
    type: 'task.completed',
    body: { artifact: { kind: 'findings', claims: [], gaps: [gap] }, spent, shortfall },
  };
}
