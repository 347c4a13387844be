import { declareRole, WORKERS } from '@troupe/actor';
import { INTAKE } from '@troupe/contract';

export const role = declareRole({
  name: 'supervisor',
  kind: 'agent',
  description: 'Turns a goal into a plan, hands out its tasks, and ends the run with one result.',
  scope: 'run',
  consumes: {
    'run.started': [INTAKE],
    'run.rejected': [INTAKE],
    'cancel.requested': [INTAKE],
    'task.completed': [WORKERS],
    'task.failed': [WORKERS],
    'output.approved': ['policy-guard'],
    'output.refused': ['policy-guard'],
    'answer.rejected': ['supervisor'],
  },
  emits: {
    'task.assigned': [WORKERS],
    'output.proposed': ['policy-guard'],
    'run.ended': ['user'],
    'answer.rejected': ['supervisor'],
    noted: ['log'],
  },
  asksModels: true,
  takesGoals: true,
  servesApi: true,
  signs: true,
  trusts: ['tool-executor'],
});
