import { type Answer, type Artifact, type Input, Message, type Outgoing, type Received } from '@troupe/contract';
import { given, type Step } from '@troupe/decider';
import { writer } from './decide.ts';

const base = {
  run: '01990000-0000-7000-8000-000000000001',
  task: 't3',
  v: 1,
  decider: 'v1',
  at: 2_000,
  cause: 'goal.1',
  tenant: 'default',
  budget: { tokens: 20_000, toolCalls: 0, steps: 8, deadlineAt: 601_000 },
  integrity: 'outside',
};

export const source = (path: string) => ({ path, startLine: 1, endLine: 2, text: `Text of ${path}.`, seal: 'seal' });
export const findings = (...paths: string[]): Artifact => ({
  kind: 'findings',
  claims: paths.map((path) => ({ text: `A fact of ${path}.`, source: source(path) })),
  gaps: [],
});

const received = (message: object): Received => ({ ...Message.parse(message), storedAt: 2_000 });

export const assigned = (...inputs: Artifact[]): Received => {
  const body = { goal: 'Ferries', title: 'Report', instructions: 'Write it.', tools: [], inputs, round: 1 };
  return received({ ...base, type: 'task.assigned', id: 'supervisor.t3.0', body });
};
/** The writer's own complaint, back in its mailbox. */
export const backToItself = (ordinal: number): Received =>
  received({ ...base, type: 'answer.rejected', id: `writer.t3.${ordinal}`, body: { complaint: 'Again.' } });

export const writes = (markdown: string): Answer => ({
  ok: true,
  provider: 'test',
  model: 'test-1',
  text: '',
  toolCalls: [{ id: 'm1', name: 'submit_draft', arguments: { markdown } }],
  stop: 'tools',
  usage: { inputTokens: 10, outputTokens: 10 },
  costUsd: 0,
});

/** What the writer makes of a draft that is its `attempt`th, from 1. The output has to fit its schema. */
export function drafted(markdown: string, task: Received, attempt = 1): Outgoing {
  let history: readonly Step<Input, Outgoing>[] = [];
  for (let earlier = 0; earlier < attempt; earlier += 1) {
    const input = earlier === 0 ? task : backToItself(earlier);
    const answer = writes(markdown);
    const [output] = given(writer, history).answered(input, answer).outputs();
    if (output === undefined) throw new Error('the writer said nothing');
    Message.parse({ ...base, ...output, id: `writer.t3.${earlier}` });
    if (earlier === attempt - 1) return output;
    history = [...history, { input, outputs: [{ ...output, model: { question: 'digest', answer } }] }];
  }
  throw new Error('attempts count from 1');
}
