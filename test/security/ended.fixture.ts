import { messageId, type MessageOf, RUN_TASK } from '@troupe/contract';

/** The result of a run as the supervisor writes it. */
export const endedMessage = (run: string): MessageOf<'run.ended'> => ({
  type: 'run.ended',
  body: {
    status: 'completed',
    goal: 'What do refunds cost?',
    markdown: '# Refunds',
    spent: { tokens: 10, costUsd: 0, modelCalls: 1, toolCalls: 0 },
    startedAt: 1_767_225_600_000,
  },
  id: messageId('supervisor', RUN_TASK, 0),
  run,
  task: RUN_TASK,
  v: 1,
  decider: 'v1',
  at: 1_767_225_600_012,
  cause: messageId('supervisor', RUN_TASK, 0),
  tenant: 'default',
  budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 1_767_226_200_000 },
  integrity: 'agent',
});
