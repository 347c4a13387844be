import type { AgentQuestion } from '@troupe/actor';
import {
  type Answer,
  type Budget,
  type Content,
  type Input,
  Message,
  messageId,
  type MessageType,
  type Outgoing,
  type Received,
  type SealedEvidence,
  type Token,
  type ToolCall,
} from '@troupe/contract';
import { given, type Step } from '@troupe/decider';
import { researcher } from './decide.ts';
import type { State } from './state.ts';

const RUN = '01990000-0000-7000-8000-000000000001';
const BUDGET: Budget = { tokens: 20_000, toolCalls: 6, steps: 8, deadlineAt: 601_000 };

/** A message to the researcher as its sender's process would stamp it. */
export function sent(from: Token, content: Content, ordinal = 0, budget: Budget = BUDGET): Received {
  const message = Message.parse({
    ...content,
    id: messageId(from, 't1', ordinal),
    run: RUN,
    task: 't1',
    v: 1,
    decider: 'v1',
    at: 2_000,
    cause: 'researcher.t1.0',
    tenant: 'default',
    budget,
    integrity: 'agent',
  });
  return { ...message, storedAt: 2_000 };
}

export const WARRANT = { tools: ['search_documents'], toolCalls: 6, deadlineAt: 601_000, signature: 'c2lnbmVk' };

export const assigned = (budget: Partial<Budget> = {}, ordinal = 0): Received => {
  const tools = ['search_documents', 'read_document'];
  const body = {
    goal: 'Ferries',
    title: 'Storms',
    instructions: 'Find out.',
    tools,
    inputs: [],
    round: 1,
    warrant: WARRANT,
  };
  return sent('supervisor', { type: 'task.assigned', body }, ordinal, { ...BUDGET, ...budget });
};

export const passage = (startLine: number, endLine = startLine, path = 'a.md'): SealedEvidence => ({
  path,
  startLine,
  endLine,
  text: Array.from({ length: endLine - startLine + 1 }, (_, index) => `line ${startLine + index}`).join('\n'),
  seal: `seal of ${path} ${startLine}-${endLine}`,
});
export const returned = (call: string, ...evidence: SealedEvidence[]): Received => {
  const body = { call, tool: 'search_documents', outcome: { ok: true as const, content: 'results', evidence } };
  return sent('tool-executor', { type: 'tool.returned', body }, Number(call.slice(1)));
};
export const broken = (call: string): Received => {
  const outcome = { ok: false as const, kind: 'timeout' as const, message: 'too slow' };
  const body = { call, tool: 'search_documents', outcome };
  return sent('tool-executor', { type: 'tool.returned', body }, Number(call.slice(1)));
};
export const denied = (call: string): Received => {
  const body = { call, tool: 'search_documents', reason: 'No rule allows it.', rule: 'default' };
  return sent('policy-guard', { type: 'tool.denied', body }, Number(call.slice(1)));
};
/** The researcher's own complaint, back in its mailbox. */
export const backToItself = (ordinal: number): Received =>
  sent('researcher', { type: 'answer.rejected', body: { complaint: 'Not like that.' } }, ordinal);

export const answered = (toolCalls: ToolCall[], tokens = 100): Answer => ({
  ok: true,
  provider: 'test',
  model: 'test-1',
  text: '',
  toolCalls,
  stop: 'tools',
  usage: { inputTokens: tokens, outputTokens: 0 },
  costUsd: null,
});
/** One search per query, all in one answer. */
export const searches = (...queries: string[]): Answer =>
  answered(queries.map((query, index) => ({ id: `m${index}`, name: 'search_documents', arguments: { query } })));
export const submits = (claims: { text: string; source: object }[], gaps: string[] = []): Answer =>
  answered([{ id: 'm9', name: 'submit_findings', arguments: { claims, gaps } }]);
/** A submission of one claim about lines of `a.md`. */
export const cites = (startLine: number, endLine: number): Answer =>
  submits([{ text: 'It is so.', source: { path: 'a.md', startLine, endLine } }]);
export const down: Answer = { ok: false, kind: 'unavailable', message: 'connection refused' };

/** A task played through the decider as the runtime would: every output has to fit its schema. */
export class Play {
  #history: readonly Step<Input, Outgoing>[] = [];

  get state(): State {
    return given(researcher, this.#history).state;
  }

  question(input: Input): AgentQuestion {
    return given(researcher, this.#history).when(input).question();
  }

  /** Takes in an input that needs no model, and returns what is written. */
  take(input: Input): Outgoing[] {
    return this.#record(input, given(researcher, this.#history).when(input).outputs());
  }

  /** Takes in an input with the answer to the question it leads to. */
  answer(input: Input, answer: Answer): Outgoing[] {
    this.question(input);
    const outputs = given(researcher, this.#history).answered(input, answer).outputs();
    const model = { question: 'digest', answer };
    return this.#record(
      input,
      outputs.map((output, index) => (index === 0 ? { ...output, model } : output)),
    );
  }

  #record(input: Input, outputs: Outgoing[]): Outgoing[] {
    for (const { to: _to, task: _task, budget: _budget, ...content } of outputs) sent('researcher', content);
    this.#history = [...this.#history, { input, outputs }];
    return outputs;
  }
}

/** A task for which one search was made and answered with these passages; the next answer concludes `last`. */
export function searched(budget: Partial<Budget> = {}, ...evidence: SealedEvidence[]): { play: Play; last: Received } {
  const play = new Play();
  play.answer(assigned(budget), searches('storms'));
  return { play, last: returned('c1', ...evidence) };
}

type OutgoingOf<Type extends MessageType> = Extract<Outgoing, { type: Type }>;

/** The outputs of one type. Fails if there is another among them. */
export function only<Type extends MessageType>(outputs: Outgoing[], type: Type): OutgoingOf<Type>[] {
  const found = outputs.filter((output): output is OutgoingOf<Type> => output.type === type);
  if (found.length !== outputs.length)
    throw new Error(`expected ${type} alone, got ${outputs.map((output) => output.type).join(', ')}`);
  return found;
}

/** The findings that a task ended with, and why they are less than was asked for. */
export function handedIn(outputs: Outgoing[]) {
  const [done, ...more] = only(outputs, 'task.completed');
  if (done === undefined || more.length > 0 || done.body.artifact.kind !== 'findings')
    throw new Error(`expected findings, got ${JSON.stringify(outputs)}`);
  const { artifact, shortfall, spent } = done.body;
  return { ...artifact, shortfall, spent };
}
