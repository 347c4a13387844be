import type { Rule } from '../rule.ts';

export const questions: Rule = {
  name: 'questions',
  promise: 'A step holds at most one answer of a model, with its first part, and no question was answered twice.',
  violations({ steps, messages }) {
    const perStep = steps.flatMap(({ actor, cause, outputs }) => {
      const answered = outputs.filter(({ message }) => message.model !== undefined);
      if (answered.length > 1) return [`${actor} on ${cause}: it holds ${answered.length} answers`];
      const isLate = answered.some(({ message }) => (message.part?.[0] ?? 0) > 0);
      return isLate ? [`${actor} on ${cause}: the answer is not with its first part`] : [];
    });
    const digests = messages.flatMap(({ message }) => (message.model === undefined ? [] : [message.model.question]));
    const twice = [...Map.groupBy(digests, (digest) => digest)].flatMap(([digest, same]) =>
      same.length > 1 ? [`the question ${digest} was answered ${same.length} times`] : [],
    );
    return [...perStep, ...twice];
  },
};
