import { NOTHING_SPENT, questionWithin, readAnswer } from '@troupe/agent';
import type { AgentQuestion, RoleDecider } from '@troupe/actor';
import {
  type Answer,
  type Input,
  type Outgoing,
  PlanSubmission,
  RUN_TASK,
  SUBMIT_PLAN,
  tokensOf,
} from '@troupe/contract';
import { ask, type Decision, send, skip } from '@troupe/decider';
import { advance } from './advance.ts';
import type { SupervisorConfig } from './config.ts';
import { handInAtOf, isOver, tooLate } from './deadline.ts';
import { faultOf, planPrompt } from './plan.ts';
import { checkedResult, proposed, runEnded } from './report.ts';
import { evolve, initial, type Planning, running, type State } from './state.ts';
import { takeOver } from './take-over.ts';

/** Plans that may be sent back to the model before the run fails. */
const PLANS_REJECTED_MAX = 2;

/** goal → plan → tasks → reviews and revisions → output check → one result. */
export function supervisor(config: SupervisorConfig): RoleDecider<State> {
  const known = new WeakMap<State, Taken & { given: Input }>();
  // Deciding and then evolving on the same input asks for the same twice.
  const taken = (state: State, given: Input): Taken => {
    const before = known.get(state);
    if (before?.given === given) return before;
    // What workers send is cut to what is believed before anything else sees it.
    const input = takeOver(config, given);
    const after = { given, input, next: evolve(state, { kind: 'input', input }) };
    known.set(state, after);
    return after;
  };
  return {
    initial,
    evolve: (state, entry) => (entry.kind === 'input' ? taken(state, entry.input).next : evolve(state, entry)),
    isDone: ({ status }) => status === 'ended',
    decide: (state, input) => decide(config, state, taken(state, input)),
    conclude: (state, input, answer) => conclude(config, taken(state, input).next, answer),
  };
}

/** An input as it is taken over, and the state after it. */
interface Taken {
  input: Input;
  next: State;
}

function decide(config: SupervisorConfig, state: State, { input, next }: Taken): Decision<Outgoing, AgentQuestion> {
  // Of a run that has ended nothing can change: signals are not even noted.
  if (state.status === 'ended') return 'storedAt' in input ? send() : skip();
  if (state.status === 'idle') return begin(config, input, next);
  switch (input.type) {
    case 'cancel.requested':
      return send(runEnded(state, { status: 'cancelled', reason: 'cancelled on request' }));
    case 'deadline':
      // Armed for a time that has come and gone.
      if (input.at < handInAtOf(state) || (input.at < state.deadlineAt && state.status !== 'running')) return skip();
      break;
    default:
  }
  if (isOver(state, input)) return send(runEnded(state, tooLate(state)));
  switch (next.status) {
    case 'planning':
      return input.type === 'answer.rejected' ? planQuestion(config, next) : send();
    case 'running':
      // A result that belongs to no open task changes nothing: late, or for a task that was settled without it.
      return next === state ? send() : send(...advance(config, next));
    case 'checking':
      return send(...checkedResult(next));
    default:
      return send();
  }
}

function begin(config: SupervisorConfig, input: Input, next: State): Decision<Outgoing, AgentQuestion> {
  if (next.status === 'planning') return planQuestion(config, next);
  if (!('storedAt' in input)) return skip();
  const { storedAt: startedAt } = input;
  if (input.type === 'cancel.requested') {
    // The goal is being planned: its answer will find the run ended.
    const facts = { goal: '', spent: NOTHING_SPENT, startedAt, deadlineAt: startedAt };
    return send(runEnded(facts, { status: 'cancelled', reason: 'cancelled on request, before there was a plan' }));
  }
  if (input.type !== 'run.rejected') return send();
  const facts = { goal: input.body.excerpt, spent: NOTHING_SPENT, startedAt, deadlineAt: startedAt };
  return send(runEnded(facts, { status: 'rejected', reason: input.body.reason }));
}

function planQuestion(config: SupervisorConfig, state: Planning): Decision<Outgoing, AgentQuestion> {
  const { goal, options, spent, turns, deadlineAt } = state;
  const { usd_max: usd } = options;
  const budget = {
    tokens: tokensOf(options),
    toolCalls: 0,
    steps: 1,
    deadlineAt,
    ...(usd === undefined ? {} : { usd }),
  };
  const question = questionWithin(budget, spent, planPrompt(config, goal, options, turns));
  if (question !== undefined) return ask(question);
  return send(
    runEnded(state, {
      status: 'failed',
      reason: `the budget of ${budget.tokens} tokens${usd === undefined ? '' : ` and ${usd} US dollars`} does not suffice for a plan`,
    }),
  );
}

function conclude(config: SupervisorConfig, next: State, answer: Answer): Outgoing[] {
  if (next.status !== 'planning') return [];
  // The reason quotes a model or its provider: it leaves through the guard.
  const fail = (reason: string) => [proposed(next, { markdown: '', sources: [] }, reason)];
  const read = readAnswer(answer, SUBMIT_PLAN.name, PlanSubmission);
  if (read.kind === 'down') return fail(read.reason);
  if (read.kind !== 'submitted')
    return again(next, fail, read.kind === 'calls' ? `Use ${SUBMIT_PLAN.name}.` : read.complaint);
  const fault = faultOf(
    read.value,
    config.workers.map(({ name }) => name),
    next.options.tasks_max,
  );
  return fault === undefined ? advance(config, running(next, read.value, answer)) : again(next, fail, fault);
}

function again(state: Planning, fail: (reason: string) => Outgoing[], complaint: string): Outgoing[] {
  if (state.rejected >= PLANS_REJECTED_MAX) return fail(`no usable plan: ${complaint}`);
  const budget = { tokens: 0, toolCalls: 0, steps: 1, deadlineAt: state.deadlineAt };
  return [
    { type: 'answer.rejected', body: { complaint }, to: 'supervisor', task: RUN_TASK, budget, integrity: 'agent' },
  ];
}
