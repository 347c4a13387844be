import { declareRole } from '@troupe/actor';

export const role = declareRole({
  name: 'llm-gateway',
  kind: 'gateway',
  description: 'Answers questions to models: the only process that holds model credentials.',
  scope: 'task',
  consumes: {},
  emits: {},
  answersQuestions: true,
});
