import { declareRole } from '@troupe/actor';

export const role = declareRole({
  name: 'archiver',
  kind: 'gateway',
  description: 'Takes runs that are over out of the log into the archive.',
  scope: 'run',
  consumes: {},
  emits: {},
  archives: true,
});
