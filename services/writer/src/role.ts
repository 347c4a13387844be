import { declareRole } from '@troupe/actor';

export const role = declareRole({
  name: 'writer',
  kind: 'worker',
  description: 'Writes the report in Markdown from findings, with a numbered citation behind each sentence of fact.',
  scope: 'task',
  consumes: { 'task.assigned': ['supervisor'], 'answer.rejected': ['writer'] },
  emits: {
    'task.completed': ['supervisor'],
    'task.failed': ['supervisor'],
    'answer.rejected': ['writer'],
    noted: ['log'],
  },
  asksModels: true,
});
