import type { Rule } from '../rule.ts';

export const ordinals: Rule = {
  name: 'ordinals',
  promise: 'The ordinals of each actor start at 0 and have no gap and no repetition.',
  violations({ addresses }) {
    return [...Map.groupBy(addresses, ({ actor }) => actor)].flatMap(([actor, sent]) => {
      const place = sent.findIndex(({ address }, index) => address.ordinal !== index);
      // One sentence per actor: behind the first gap every place is off.
      return place === -1
        ? []
        : [`message ${place} of ${actor} has the ordinal ${sent[place]?.address.ordinal ?? '?'}`];
    });
  },
};
