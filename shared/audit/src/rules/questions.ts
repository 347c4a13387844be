import type { Rule } from '../rule.ts';

export const questions: Rule = {
  name: 'questions',
  promise: 'A step holds at most one answer of a model, with its first part, and a question has one answer.',
  violations({ steps, messages }) {
    const perStep = steps.flatMap(({ actor, cause, outputs }) => {
      const answered = outputs.filter(({ message }) => message.model !== undefined);
      if (answered.length > 1) return [`${actor} on ${cause}: it holds ${answered.length} answers`];
      const isLate = answered.some(({ message }) => (message.part?.[0] ?? 0) > 0);
      return isLate ? [`${actor} on ${cause}: the answer is not with its first part`] : [];
    });
    const records = messages.flatMap(({ message }) => (message.model === undefined ? [] : [message.model]));
    const twice = [...Map.groupBy(records, ({ question }) => question)].flatMap(([question, same]) => {
      const answers = new Set(same.map(({ answer }) => JSON.stringify(answer)));
      return answers.size > 1 ? [`the question ${question} has ${answers.size} answers`] : [];
    });
    return [...perStep, ...twice];
  },
};
