import { declareRole } from '@troupe/actor';

export const role = declareRole({
  name: 'researcher',
  kind: 'worker',
  description:
    'Finds evidence for one question in the documents, with tools, and reports claims that each cite a passage.',
  scope: 'task',
  consumes: {
    'task.assigned': ['supervisor'],
    'tool.returned': ['tool-executor'],
    'tool.denied': ['policy-guard'],
    'answer.rejected': ['researcher'],
  },
  emits: {
    'tool.requested': ['policy-guard'],
    'task.completed': ['supervisor'],
    'task.failed': ['supervisor'],
    'answer.rejected': ['researcher'],
    noted: ['log'],
  },
  asksModels: true,
});
