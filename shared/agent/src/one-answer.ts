import type { AgentQuestion, RoleDecider } from '@troupe/actor';
import {
  type Answer,
  type Artifact,
  cut,
  type Input,
  type Integrity,
  joinIntegrity,
  type MessageOf,
  type Outgoing,
  type Purpose,
  QUOTE_CHARS_MAX,
  type Spent,
  type Tier,
  type ToolOffer,
  type Turn,
} from '@troupe/contract';
import { ask, type Decision, type Entry, send } from '@troupe/decider';
import type { z } from 'zod';
import { type Prompt, questionWithin } from './question.ts';
import { readAnswer } from './read-answer.ts';
import { addSpent, costOf, NOTHING_SPENT } from './spending.ts';
import { completeTurns, turnOf } from './transcript.ts';

export type Task = MessageOf<'task.assigned'>;

/** Answers that may be sent back to the model before the task fails. */
const REJECTED_MAX = 2;

/** What an agent makes of a submission: its artifact, or what is wrong with it. */
export type Judged = { ok: true; artifact: Artifact; shortfall?: string } | { ok: false; complaint: string };

/** An agent whose task is one question: it says what to ask and what to make of the submission. All parts are pure. */
export interface OneAnswerAgent<Value> {
  name: string;
  tier: Tier;
  purpose: Purpose;
  system: string;
  firstTurn(task: Task): Turn;
  /** What a deterministic provider needs in place of the prompt. */
  facts(task: Task): object;
  submit: ToolOffer;
  schema: z.ZodType<Value>;
  /** `last`: the submission cannot be sent back any more; make the best of it or fail the task. */
  judge(task: Task, value: Value, last: boolean): Judged;
}

export type OneAnswerState =
  | { status: 'idle' }
  | { status: 'asking'; task: Task; turns: Turn[]; spent: Spent; rejected: number }
  | { status: 'done' };

type Asking = Extract<OneAnswerState, { status: 'asking' }>;

/** The decider of such an agent: ask, check, ask again with a complaint at most twice, then hand in or fail. */
export function oneAnswerDecider<Value>(agent: OneAnswerAgent<Value>): RoleDecider<OneAnswerState> {
  const evolve = (state: OneAnswerState, entry: Entry<Input, Outgoing>) => evolveOneAnswer(agent, state, entry);
  return {
    initial: { status: 'idle' },
    evolve,
    isDone: ({ status }) => status === 'done',
    decide(state, input): Decision<Outgoing, AgentQuestion> {
      const next = evolve(state, { kind: 'input', input });
      if (next.status !== 'asking' || next === state) return send();
      const question = questionWithin(next.task.budget, next.spent, promptOf(agent, next));
      return question === undefined
        ? send(fail(next, next.spent, `the budget of ${next.task.budget.tokens} tokens is used up`))
        : ask(question);
    },
    conclude(state, input, answer): Outgoing[] {
      const next = evolve(state, { kind: 'input', input });
      return next.status === 'asking' ? [concluded(agent, next, answer)] : [];
    },
  };
}

function promptOf<Value>(agent: OneAnswerAgent<Value>, { task, turns }: Asking): Prompt {
  const { tier, purpose, system, submit } = agent;
  return {
    tier,
    purpose,
    model: task.body.model,
    system,
    turns: completeTurns(turns, 'Not accepted.'),
    tools: [submit],
    facts: { ...agent.facts(task) },
  };
}

function concluded<Value>(agent: OneAnswerAgent<Value>, state: Asking, answer: Answer): Outgoing {
  const spent = addSpent(state.spent, costOf(answer));
  const last = state.rejected >= REJECTED_MAX;
  const read = readAnswer(answer, agent.submit.name, agent.schema);
  const complain = (whole: string): Outgoing => {
    const complaint = cut(whole, QUOTE_CHARS_MAX);
    return last
      ? fail(state, spent, `the model's answers could not be used: ${complaint}`)
      : { ...base(state), to: agent.name, type: 'answer.rejected', body: { complaint } };
  };
  switch (read.kind) {
    case 'submitted': {
      const judged = agent.judge(state.task, read.value, last);
      if (!judged.ok) return complain(judged.complaint);
      const { artifact, shortfall } = judged;
      return {
        ...base(state),
        type: 'task.completed',
        body: { artifact, spent, ...(shortfall === undefined ? {} : { shortfall }) },
      };
    }
    case 'calls':
      return complain(`There is no such tool. Hand in your result with ${agent.submit.name}.`);
    case 'unusable':
      return complain(read.complaint);
    case 'down':
      return fail(state, spent, read.reason);
  }
}

function evolveOneAnswer<Value>(
  agent: OneAnswerAgent<Value>,
  state: OneAnswerState,
  entry: Entry<Input, Outgoing>,
): OneAnswerState {
  if (entry.kind === 'input') {
    const { input } = entry;
    if (state.status === 'idle' && input.type === 'task.assigned') {
      return { status: 'asking', task: input, turns: [agent.firstTurn(input)], spent: NOTHING_SPENT, rejected: 0 };
    }
    if (state.status !== 'asking' || input.type !== 'answer.rejected') return state;
    return {
      ...state,
      turns: [...state.turns, { role: 'user', text: input.body.complaint }],
      rejected: state.rejected + 1,
    };
  }
  const { output } = entry;
  if (state.status !== 'asking') return state;
  if (output.type === 'task.completed' || output.type === 'task.failed') return { status: 'done' };
  if (output.model === undefined) return state;
  const { answer } = output.model;
  return { ...state, turns: [...state.turns, ...turnOf(answer)], spent: addSpent(state.spent, costOf(answer)) };
}

/** Work on what came from outside stays marked as such. */
const integrityOf = (task: Task): Integrity => joinIntegrity('agent', task.integrity);

const base = ({ task }: Asking) => ({
  to: 'supervisor',
  task: task.task,
  budget: task.budget,
  integrity: integrityOf(task),
});

const fail = (state: Asking, spent: Spent, reason: string): Outgoing => ({
  ...base(state),
  type: 'task.failed',
  body: { reason, spent },
});
