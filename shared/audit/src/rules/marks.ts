import { LOG, USER } from '@troupe/contract';
import type { Rule } from '../rule.ts';

export const marks: Rule = {
  name: 'marks',
  promise: 'Every message to a role was answered by it, in exactly one step.',
  violations(log) {
    const answered = Map.groupBy(log.steps, ({ from, cause }) => `${from} ${cause}`);
    return log.messages.flatMap(({ address: { to }, message }) => {
      if (to === USER || to === LOG) return [];
      const answers = answered.get(`${to} ${message.id}`) ?? [];
      if (answers.length > 1)
        return [`${message.id} was answered by ${answers.map(({ actor }) => actor).join(' and ')}`];
      return answers.length === 1 || !log.isDue(message)
        ? []
        : [`${to} has not answered ${message.id} (${message.type})`];
    });
  },
};
