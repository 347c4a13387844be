import type { Message } from '@troupe/contract';
import type { Rule } from '../rule.ts';

/** The rule for messages that name the version of the decider that made their step. `versionOf` reads it. */
export const versionsBy = (versionOf: (message: Message) => number | string | undefined): Rule => ({
  name: 'versions',
  promise: 'All parts of a step were made by the same version of its decider.',
  violations: ({ steps }) =>
    steps.flatMap(({ actor, cause, outputs }) => {
      const versions = new Set(outputs.map(({ message }) => versionOf(message)));
      return versions.size > 1
        ? [
            `${actor} on ${cause}: it was made by the versions ${[...versions].map((version) => version ?? 'none').join(' and ')}`,
          ]
        : [];
    }),
});
