import { declareRole, WORKERS } from '@troupe/actor';

export const role = declareRole({
  name: 'policy-guard',
  kind: 'agent',
  description: 'Stands in front of every tool and of every report: grants, denies, masks.',
  scope: 'run',
  consumes: { 'tool.requested': [WORKERS], 'output.proposed': ['supervisor'] },
  emits: {
    'tool.granted': ['tool-executor'],
    'tool.denied': [WORKERS],
    'output.approved': ['supervisor'],
    'output.refused': ['supervisor'],
    noted: ['log'],
  },
  signs: true,
  trusts: ['supervisor', 'tool-executor'],
});
