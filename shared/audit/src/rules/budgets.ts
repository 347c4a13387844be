import type { MessageOf } from '@troupe/contract';
import type { Rule } from '../rule.ts';
import { ofType, type Placed, type RunLog } from '../run-log.ts';

type Assigned = Placed<MessageOf<'task.assigned'>>;

export const budgets: Rule = {
  name: 'budgets',
  promise: 'A task asks no tool beyond its budget and no model once its tokens are spent, and reports what it spent.',
  violations(log) {
    const sent = Map.groupBy(log.messages, ({ address: { from, task } }) => `${from}/${task}`);
    const tasks = ofType(log, 'task.assigned');
    return [
      ...tasks.flatMap((task) => faultsOf(task, sent.get(`${task.address.to}/${task.address.task}`) ?? [])),
      ...overclaimed(log),
    ];
  },
};

/** Tokens of the answers that these messages carry, in the order of the log. */
const tokensOf = (sent: readonly Placed[]): number[] =>
  sent.flatMap(({ message: { model } }) =>
    model?.answer.ok === true ? [model.answer.usage.inputTokens + model.answer.usage.outputTokens] : [],
  );

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function faultsOf({ address, message: { task, budget } }: Assigned, own: readonly Placed[]): string[] {
  const calls = own.filter(({ message }) => message.type === 'tool.requested').length;
  const tokens = tokensOf(own);
  const faults: string[] = [];
  if (calls > budget.toolCalls) faults.push(`${address.to} made ${calls} tool calls of ${budget.toolCalls} in ${task}`);
  // How long the last answer is nobody knows before it is asked for; there was something left when it was.
  const before = sum(tokens.slice(0, -1));
  if (tokens.length > 1 && before >= budget.tokens)
    faults.push(`${address.to} asked on after ${before} of ${budget.tokens} tokens in ${task}`);
  for (const { message } of own) {
    if (message.type !== 'task.completed' && message.type !== 'task.failed') continue;
    const { spent } = message.body;
    if (spent.tokens !== sum(tokens))
      faults.push(`${message.id} reports ${spent.tokens} tokens; its answers took ${sum(tokens)}`);
    if (spent.toolCalls !== calls) faults.push(`${message.id} reports ${spent.toolCalls} tool calls; it made ${calls}`);
  }
  return faults;
}

/** A run cannot have cost more than all answers in its log. */
function overclaimed(log: RunLog): string[] {
  const tokens = sum(tokensOf(log.messages));
  return ofType(log, 'run.ended').flatMap(({ message: { body } }) =>
    body.spent.tokens > tokens ? [`the result reports ${body.spent.tokens} tokens; all answers took ${tokens}`] : [],
  );
}
