import { declareRole } from '@troupe/actor';

export const role = declareRole({
  name: 'critic',
  kind: 'reviewer',
  description: 'Reviews a draft against the goal and the evidence: accepts it, or asks for changes with reasons.',
  scope: 'task',
  consumes: { 'task.assigned': ['supervisor'], 'answer.rejected': ['critic'] },
  emits: {
    'task.completed': ['supervisor'],
    'task.failed': ['supervisor'],
    'answer.rejected': ['critic'],
    noted: ['log'],
  },
  asksModels: true,
});
