import type { AgentQuestion } from '@troupe/actor';
import {
  type Answer,
  type Answered,
  type Artifact,
  type Content,
  type Critique,
  type Draft,
  type Evidence,
  type Findings,
  Goal,
  type GoalOptions,
  type Input,
  INTAKE,
  Message,
  messageId,
  type MessageType,
  type Outgoing,
  type PlannedTask,
  type Received,
  RUN_TASK,
  type Source,
  type Token,
} from '@troupe/contract';
import { given, type Step } from '@troupe/decider';
import { evidenceSealer, makeRoleKeys, sealVerifier, warrantSigner, warrantVerifier } from '@troupe/signing';
import type { SupervisorConfig } from './config.ts';
import { supervisor } from './decide.ts';
import type { State } from './state.ts';

export const RUN = '01990000-0000-7000-8000-000000000001';
export const STARTED_AT = 1_000;

const KEYS = makeRoleKeys('supervisor', 'policy-guard', 'tool-executor');
const seal = evidenceSealer(KEYS('tool-executor'));
export const isWarrant = warrantVerifier(KEYS('policy-guard'));

export const COMPANY: SupervisorConfig = {
  workers: [
    { name: 'researcher', description: 'Finds evidence.' },
    { name: 'writer', description: 'Writes.' },
  ],
  reviewer: 'critic',
  reviewed: 'writer',
  tools: ['search_documents'],
  toolUsers: ['researcher'],
  isSealed: sealVerifier(KEYS('supervisor')),
  warrant: warrantSigner(KEYS('supervisor')),
};

type ReceivedOf<Type extends MessageType> = Extract<Received, { type: Type }>;

/** What people ask of a run, as the intake writes it. It was published before it was stored in the log. */
const asked = (ordinal: number, cause: string, storedAt: number) => ({
  id: messageId(INTAKE, RUN_TASK, ordinal),
  run: RUN,
  task: RUN_TASK,
  v: 1,
  decider: 'v1',
  at: storedAt - 500,
  cause,
  tenant: 'default',
  budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 },
  integrity: 'user' as const,
  storedAt,
});

export const goal = (options: Partial<GoalOptions> = {}): ReceivedOf<'run.started'> => ({
  ...asked(0, 'goal.1', STARTED_AT),
  type: 'run.started',
  body: { goal: Goal.parse({ goal: 'How do ferries fare in storms?', options }) },
});
export const rejected = (reason: string, excerpt: string): ReceivedOf<'run.rejected'> => ({
  ...asked(0, 'goal.1', STARTED_AT),
  type: 'run.rejected',
  body: { reason, excerpt },
});
export const cancel: Input = { ...asked(1, 'cancel.2', 5_000), type: 'cancel.requested', body: {} };
/** The end of the work, and of the run. */
export const handIn: Input = { type: 'deadline', id: 'due.3.591000', run: RUN, tenant: 'default', at: 591_000 };
export const deadline: Input = { type: 'deadline', id: 'due.4.601000', run: RUN, tenant: 'default', at: 601_000 };

/** A message as its sender's process would stamp it. */
export function sent(from: Token, task: Token, content: Content, ordinal = 0): Received {
  const budget = { tokens: 0, toolCalls: 0, steps: 1, deadlineAt: 601_000 };
  const message = Message.parse({
    ...content,
    id: messageId(from, task, ordinal),
    run: RUN,
    task,
    v: 1,
    decider: 'v1',
    at: 2_000,
    cause: messageId('supervisor', task, 0),
    tenant: 'default',
    budget,
    integrity: 'agent',
  });
  return { ...message, storedAt: 2_000 };
}

const spent = (tokens: number, toolCalls = 0) => ({ tokens, costUsd: 0.01, modelCalls: 1, toolCalls });

export const completed = (from: Token, task: Token, artifact: Artifact, tokens = 100, shortfall?: string): Received =>
  sent(from, task, {
    type: 'task.completed',
    body: { artifact, spent: spent(tokens), ...(shortfall === undefined ? {} : { shortfall }) },
  });
export const failed = (from: Token, task: Token, reason: string, tokens = 100): Received =>
  sent(from, task, { type: 'task.failed', body: { reason, spent: spent(tokens) } });
/** What the guard lets out: the report, and the reason if there is one. */
export const approved = (markdown: string, reason?: string): Received =>
  sent('policy-guard', 'run', {
    type: 'output.approved',
    body: { markdown, masked: 0, neutralised: 0, ...(reason === undefined ? {} : { reason }) },
  });
export const refused = (reason: string): Received =>
  sent('policy-guard', 'run', { type: 'output.refused', body: { reason } });
/** The supervisor's own complaint, back in its mailbox. */
export const backToItself = (complaint: string, ordinal: number): Received =>
  sent('supervisor', 'run', { type: 'answer.rejected', body: { complaint } }, ordinal);

/** A passage that a tool returned, in this run unless the test says otherwise. */
export const sealed = (passage: Evidence, run = RUN): Source => seal({ tenant: 'default', run }, passage);
export const evidence = (path: string, run = RUN): Source =>
  sealed({ path, startLine: 1, endLine: 2, text: `What ${path} says.` }, run);
export const findings = (path: string): Findings => ({
  kind: 'findings',
  claims: [{ text: `A fact of ${path}.`, source: evidence(path) }],
  gaps: [],
});
export const draft = (markdown: string, path = 'a.md'): Draft => ({
  kind: 'draft',
  markdown,
  sources: [evidence(path)],
});
export const critique = (verdict: Critique['verdict'], ...reasons: string[]): Critique => ({
  kind: 'critique',
  verdict,
  reasons,
});

/** A planned task; `dependsOn` are the rest. */
export const planned = (id: string, role: string, ...dependsOn: string[]): PlannedTask => ({
  id,
  role,
  title: `Title ${id}`,
  instructions: `Do ${id}.`,
  dependsOn,
});
/** Two questions at once, then a report: becomes t1, t2 and t3. */
export const TWO_AND_ONE = [planned('a', 'researcher'), planned('b', 'researcher'), planned('w', 'writer', 'a', 'b')];

export const called = (name: string, args: Record<string, unknown>, tokens = 100): Answered => ({
  ok: true,
  provider: 'test',
  model: 'test-1',
  text: '',
  toolCalls: [{ id: 'call_1', name, arguments: args }],
  stop: 'tools',
  usage: { inputTokens: tokens, outputTokens: 0 },
  costUsd: 0.01,
});
export const planAnswer = (tasks: PlannedTask[], tokens = 100): Answered => called('submit_plan', { tasks }, tokens);

/** A run played through the decider as the runtime would: every output has to fit its schema. */
export class Play {
  readonly #config: SupervisorConfig;
  #history: readonly Step<Input, Outgoing>[] = [];

  constructor(config: SupervisorConfig = COMPANY) {
    this.#config = config;
  }

  get state(): State {
    return this.#now().state;
  }

  /** The question that an input leads to; nothing is recorded yet. */
  question(input: Input): AgentQuestion {
    return this.#now().when(input).question();
  }

  /** Takes in an input that needs no model, and returns what is written. */
  take(input: Input): Outgoing[] {
    return this.#record(input, this.#now().when(input).outputs());
  }

  /** Whether the input is skipped: it leaves no mark. */
  skips(input: Input): boolean {
    return this.#now().when(input).decision.kind === 'skip';
  }

  /** Takes in an input with the answer to the question it leads to. */
  answer(input: Input, answer: Answer): Outgoing[] {
    this.question(input);
    return this.conclude(input, answer);
  }

  /** Takes in the answer to a question that was asked earlier. */
  conclude(input: Input, answer: Answer): Outgoing[] {
    const outputs = this.#now().answered(input, answer).outputs();
    const model = { question: 'digest', answer };
    return this.#record(
      input,
      outputs.map((output, index) => (index === 0 ? { ...output, model } : output)),
    );
  }

  /** The guard lets out what was proposed last, as it is; returns what is written. */
  letOut(): Outgoing[] {
    const outputs = this.#history.flatMap((step) => step.outputs);
    const proposal = outputs.findLast(({ type }) => type === 'output.proposed');
    if (proposal?.type !== 'output.proposed') throw new Error('nothing was proposed');
    return this.take(approved(proposal.body.markdown, proposal.body.reason));
  }

  #now() {
    return given(supervisor(this.#config), this.#history);
  }

  #record(input: Input, outputs: Outgoing[]): Outgoing[] {
    for (const { to: _to, task, budget: _budget, ...content } of outputs) sent('supervisor', task, content);
    this.#history = [...this.#history, { input, outputs }];
    return outputs;
  }
}

/** A run whose plan was accepted: its tasks are handed out. */
export function begun(options: Partial<GoalOptions> = {}, tasks = TWO_AND_ONE): Play {
  const play = new Play();
  play.answer(goal(options), planAnswer(tasks));
  return play;
}

/** A run whose first draft is under review as `t3-review-1`. */
export function reviewing(options: Partial<GoalOptions> = {}): Play {
  const play = begun(options);
  play.take(completed('researcher', 't1', findings('a.md')));
  play.take(completed('researcher', 't2', findings('b.md')));
  play.take(completed('writer', 't3', draft('First draft [1].')));
  return play;
}

type OutgoingOf<Type extends MessageType> = Extract<Outgoing, { type: Type }>;

/** The outputs of one type, with their bodies typed. Fails if there is another among them. */
export function only<Type extends MessageType>(outputs: Outgoing[], type: Type): OutgoingOf<Type>[] {
  const found = outputs.filter((output): output is OutgoingOf<Type> => output.type === type);
  if (found.length !== outputs.length)
    throw new Error(`expected ${type} alone, got ${outputs.map((output) => output.type).join(', ')}`);
  return found;
}

/** What a result says. */
export function ended(outputs: Outgoing[]): OutgoingOf<'run.ended'>['body'] {
  const [result, ...more] = only(outputs, 'run.ended');
  if (result === undefined || more.length > 0) throw new Error(`expected one result, got ${outputs.length}`);
  return result.body;
}
