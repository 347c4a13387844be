import { idOfAddress } from '@troupe/contract';
import type { Rule } from '../rule.ts';

export const identity: Rule = {
  name: 'identity',
  promise: 'Each message says of itself what its subject says: tenant, run, task and ID.',
  violations: ({ messages }) =>
    messages.flatMap(({ subject, address, message: { tenant, run, task, id } }) =>
      tenant === address.tenant && run === address.run && task === address.task && id === idOfAddress(address)
        ? []
        : [`${subject} holds ${id} of task ${task} in run ${run} of ${tenant}`],
    ),
};
