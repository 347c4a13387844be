import type { Rule } from '../rule.ts';

export const readable: Rule = {
  name: 'readable',
  promise: 'Every message can be decoded and fits its schema.',
  violations: ({ unreadable }) => unreadable.map(({ subject, seq, reason }) => `${subject} (${seq}): ${reason}`),
};
