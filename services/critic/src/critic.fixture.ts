import { type Answer, type Artifact, Message, type Outgoing, type Received } from '@troupe/contract';
import { given } from '@troupe/decider';
import { critic } from './decide.ts';

const base = {
  run: '01990000-0000-7000-8000-000000000001',
  task: 't3-review-1',
  v: 1,
  decider: 'v1',
  at: 2_000,
  cause: 'goal.1',
  tenant: 'default',
  budget: { tokens: 20_000, toolCalls: 0, steps: 8, deadlineAt: 601_000 },
  integrity: 'outside',
};

export const source = { path: 'a.md', startLine: 1, endLine: 2, text: 'Text of a.md.', seal: 'seal' };
/** A draft with one source. */
export const draft = (markdown: string): Artifact => ({ kind: 'draft', markdown, sources: [source] });

export const assigned = (...inputs: Artifact[]): Received => {
  const body = { goal: 'Ferries', title: 'Review', instructions: 'Look.', tools: [], inputs, round: 2 };
  const message = Message.parse({ ...base, type: 'task.assigned', id: 'supervisor.t3-review-1.0', body });
  return { ...message, storedAt: 2_000 };
};

const reviews = (verdict: string, reasons: string[]): Answer => ({
  ok: true,
  provider: 'test',
  model: 'test-1',
  text: '',
  toolCalls: [{ id: 'm1', name: 'submit_review', arguments: { verdict, reasons } }],
  stop: 'tools',
  usage: { inputTokens: 10, outputTokens: 10 },
  costUsd: 0,
});

/** What the critic writes when its model gives this verdict on a task. The output has to fit its schema. */
export function reviewed(task: Received, verdict: string, ...reasons: string[]): Outgoing {
  const [output] = given(critic).answered(task, reviews(verdict, reasons)).outputs();
  if (output === undefined) throw new Error('the critic said nothing');
  Message.parse({ ...base, ...output, id: 'critic.t3-review-1.0' });
  return output;
}
