import { declareRole, WORKERS } from '@troupe/actor';

export const role = declareRole({
  name: 'tool-executor',
  kind: 'agent',
  description: 'Runs tools, and only under a grant that the policy-guard signed.',
  scope: 'task',
  consumes: { 'tool.granted': ['policy-guard'] },
  emits: { 'tool.returned': [WORKERS], 'effect.started': ['log'], 'grant.refused': ['log'], noted: ['log'] },
  signs: true,
  trusts: ['policy-guard'],
});
