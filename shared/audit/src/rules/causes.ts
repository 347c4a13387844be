import { parseMessageId } from '@troupe/contract';
import { isPerRun } from '../role-facts.ts';
import type { Rule } from '../rule.ts';
import type { Placed, RunLog, Step } from '../run-log.ts';

/** Goals, cancel requests and deadlines are not in the log of a run: `<kind>.<sequence>`, with a place in a batch. */
const SIGNAL = /^(goal|cancel|due)\.\d+(\.[0-9a-z-]+)*$/;

export const causes: Rule = {
  name: 'causes',
  promise: 'What a step answers was there before it, and was sent to the actor that answers it.',
  violations(log) {
    const byId = Map.groupBy(log.messages, ({ message }) => message.id);
    return log.steps.flatMap((step) => {
      const fault = faultOf(log, step, byId.get(step.cause)?.[0]);
      return fault === undefined ? [] : [`${step.actor} answers ${step.cause}, ${fault}`];
    });
  },
};

function faultOf({ roles }: RunLog, { from, cause, outputs }: Step, answered: Placed | undefined): string | undefined {
  if (parseMessageId(cause) === undefined)
    return SIGNAL.test(cause) ? undefined : 'which is neither a message nor a signal';
  if (answered === undefined) return 'which is not in the log';
  const [first] = outputs;
  if (first === undefined) return undefined;
  if (answered.seq >= first.seq) return `which came later (${answered.seq}, answered at ${first.seq})`;
  if (answered.address.to !== from) return `which went to ${answered.address.to}`;
  const isElsewhere = !isPerRun(from, roles) && answered.address.task !== first.address.task;
  return isElsewhere ? `which belongs to the task ${answered.address.task}` : undefined;
}
