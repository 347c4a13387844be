import { randomUUID } from 'node:crypto';
import { type Answer, type Input, LOG, type MessageOf, type Outgoing } from '@troupe/contract';
import { ask, type Entry, send } from '@troupe/decider';
import { declareRole, type Performer, type RoleDecider } from './role.ts';

/** A role for tests of the runtime: the title of a task says what to do, and each output says what it was decided on. */
export const tester = declareRole({
  name: 'tester',
  kind: 'worker',
  description: 'Does what the title of its task says.',
  scope: 'task',
  consumes: { 'task.assigned': ['supervisor'] },
  emits: { noted: ['log'], 'effect.started': ['log'], 'tool.returned': ['supervisor'] },
  asksModels: true,
});

/** The same, with one actor per run. */
export const runTester = declareRole({ ...tester, scope: 'run' });

export interface TesterState {
  inputs: number;
  outputs: number;
  started: readonly string[];
}
export interface TesterQuestion {
  title: string;
  isEffect: boolean;
}
export type TesterDecider = RoleDecider<TesterState, TesterQuestion, string>;

const BUDGET = { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 };
const base = (input: Input) => ({
  to: LOG,
  task: 'task' in input ? input.task : 'run',
  budget: BUDGET,
  integrity: 'agent' as const,
});

/** `count` outputs that say which input they answer, on which state they were decided, and with which answer. */
function lines(state: TesterState, input: Input, count: number, answer: string): Outgoing[] {
  return Array.from({ length: count }, (_, index) => ({
    ...base(input),
    type: 'noted' as const,
    body: { what: JSON.stringify({ index, inputs: state.inputs, outputs: state.outputs, answer }) },
  }));
}

const returned = (input: MessageOf<'task.assigned'> & { storedAt: number }, content: string): Outgoing => ({
  ...base(input),
  to: 'supervisor',
  type: 'tool.returned',
  body: { call: input.body.title, tool: 'note', outcome: { ok: true, content, evidence: [] } },
});

/** Each attempt writes bytes of its own: two processes that start the same effect must not take one entry for theirs. */
const started = (input: Input, title: string): Outgoing => ({
  ...base(input),
  type: 'effect.started',
  body: { call: title, tool: 'effect', attempt: randomUUID() },
});

/** `say-3`: three outputs. `ask-2`: a question, then two outputs. `effect-a`: *started*, the effect, one output. */
export const testerDecider: TesterDecider = {
  initial: { inputs: 0, outputs: 0, started: [] },
  decide(state, input) {
    if (input.type === 'effect.interrupted' && input.of.type === 'task.assigned')
      return send(returned(input.of, 'unknown'));
    if (input.type !== 'task.assigned') return send();
    const { title } = input.body;
    const [verb, count] = title.split('-');
    if (verb === 'say') return send(...lines(state, input, Number(count), ''));
    if (verb === 'ask') return ask({ title, isEffect: false });
    if (verb === 'effect') return state.started.includes(title) ? send() : ask({ title, isEffect: true });
    throw new TypeError(`cannot ${title}`);
  },
  conclude(state, input, answer) {
    if (input.type !== 'task.assigned') return [];
    const [verb, count] = input.body.title.split('-');
    return verb === 'effect' ? [returned(input, answer)] : lines(state, input, Number(count), answer);
  },
  evolve(state, entry: Entry<Input, Outgoing>) {
    if (entry.kind === 'input') return { ...state, inputs: state.inputs + 1 };
    const { output } = entry;
    const begun = output.type === 'effect.started' ? [...state.started, output.body.call] : state.started;
    return { ...state, outputs: state.outputs + 1, started: begun };
  },
  isDone: () => false,
};

/** Answers questions and counts them; effects are recorded as started before they happen. */
export class TesterPerformer implements Performer<TesterQuestion, string> {
  readonly asked: string[] = [];
  effects: string[] = [];
  /** What an effect waits for before it is recorded as started. */
  threshold: (title: string) => Promise<void> = () => Promise.resolve();
  /** What a question waits for before it is answered. */
  gate: (title: string) => Promise<void> = () => Promise.resolve();
  readonly #answer: (id: string, count: number) => string;

  /** `answer` makes the answer from the question's ID and from how many were asked before. */
  constructor(answer: (id: string, count: number) => string = (id) => `answer to ${id}`) {
    this.#answer = answer;
  }

  async perform(
    { title, isEffect }: TesterQuestion,
    context: Parameters<Performer<TesterQuestion, string>['perform']>[1],
  ) {
    const answer = this.#answer(context.id, this.asked.length);
    this.asked.push(title);
    if (isEffect) {
      await this.threshold(title);
      await context.record(started(context.input, title));
      this.effects.push(title);
    }
    await this.gate(title);
    return isEffect ? { answer } : { answer, model: { question: 'q', answer: answered(answer) } };
  }

  recall({ answer }: { answer: Answer }): string | undefined {
    return answer.ok ? answer.text : undefined;
  }
}

const answered = (text: string): Answer => ({
  ok: true,
  provider: 'test',
  model: 'test',
  text,
  toolCalls: [],
  stop: 'end',
  usage: { inputTokens: 0, outputTokens: 0 },
  costUsd: 0,
});
