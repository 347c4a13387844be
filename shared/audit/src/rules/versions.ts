import type { Rule } from '../rule.ts';

export const versions: Rule = {
  name: 'versions',
  promise: 'All parts of a step were made by the same version of its decider.',
  violations: ({ steps }) =>
    steps.flatMap(({ actor, cause, outputs }) => {
      const made = new Set(outputs.map(({ message }) => message.decider));
      return made.size > 1 ? [`${actor} on ${cause}: it was made by the versions ${[...made].join(' and ')}`] : [];
    }),
};
