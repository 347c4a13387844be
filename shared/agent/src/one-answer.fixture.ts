import {
  type Answered,
  type Budget,
  type Content,
  Message,
  messageId,
  type Received,
  SUBMIT_REVIEW,
  ReviewSubmission,
} from '@troupe/contract';
import { oneAnswerDecider, type Judged } from './one-answer.ts';

/** A message of task t1 as its sender's process would stamp it. */
export function sent(
  from: string,
  content: Content,
  ordinal = 0,
  budget: Partial<Budget> = {},
  integrity = 'user',
): Received {
  const message = Message.parse({
    ...content,
    id: messageId(from, 't1', ordinal),
    run: '01990000-0000-7000-8000-000000000001',
    task: 't1',
    v: 1,
    decider: 'v1',
    at: 2_000,
    cause: 'supervisor.t1.0',
    tenant: 'default',
    budget: { tokens: 10_000, toolCalls: 0, steps: 8, deadlineAt: 601_000, ...budget },
    integrity,
  });
  return { ...message, storedAt: 2_000 };
}

export const assigned = (budget: Partial<Budget> = {}, integrity = 'user'): Received =>
  sent(
    'supervisor',
    {
      type: 'task.assigned',
      body: { goal: 'Ferries', title: 'Review', instructions: 'Look.', tools: [], inputs: [], round: 1 },
    },
    0,
    budget,
    integrity,
  );
/** The agent's own complaint, back in its mailbox. */
export const backToItself = (ordinal: number): Received =>
  sent('judge', { type: 'answer.rejected', body: { complaint: 'Not like that.' } }, ordinal);

export const answered = (name: string, args: Record<string, unknown>): Answered => ({
  ok: true,
  provider: 'test',
  model: 'test-1',
  text: '',
  toolCalls: [{ id: 'm1', name, arguments: args }],
  stop: 'tools',
  usage: { inputTokens: 90, outputTokens: 10 },
  costUsd: 0.01,
});
export const accepts = answered('submit_review', { verdict: 'accept', reasons: [] });
export const asksForMore = answered('submit_review', { verdict: 'revise', reasons: [] });

/** An agent that takes every review but one that asks for changes, unless it is the last. */
export const judge = oneAnswerDecider({
  name: 'judge',
  tier: 'medium',
  purpose: 'critique',
  system: 'You judge.',
  firstTurn: ({ body }) => ({ role: 'user', text: body.title }),
  facts: () => ({}),
  submit: SUBMIT_REVIEW,
  schema: ReviewSubmission,
  judge: (_task, { verdict, reasons }, last): Judged => {
    if (verdict === 'accept') return { ok: true, artifact: { kind: 'critique', verdict, reasons } };
    if (!last) return { ok: false, complaint: 'Accept it.' };
    return { ok: true, artifact: { kind: 'critique', verdict, reasons }, shortfall: 'not accepted' };
  },
});
