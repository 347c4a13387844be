import type { MessageOf } from '@troupe/contract';
import type { LogEntry } from '@troupe/nats';
import { count, duration, oneLine } from './one-line.ts';

const REASON_CHARS_MAX = 400;
const NAME_CHARS_MAX = 80;

/** What is told about a run after its report: one line per fact. */
export function accountOf(ended: MessageOf<'run.ended'>, log: readonly LogEntry[]): string[] {
  const { status, reason, spent, startedAt } = ended.body;
  const facts: [string, string][] = [
    ['Run', ended.run],
    ['Status', status],
    ...(reason === undefined ? [] : [['Reason', oneLine(reason, REASON_CHARS_MAX)] satisfies [string, string]]),
    ['Messages', `${count(log.length, 'durable message')}`],
    [
      'Models',
      `${count(spent.modelCalls, 'call')}${modelsIn(log)}, ${count(spent.tokens, 'token')}, ${costPhrase(spent.costUsd)}`,
    ],
    ['Tools', count(spent.toolCalls, 'call')],
    ['Time', duration(Math.max(0, ended.at - startedAt))],
  ];
  return facts.map(([name, value]) => `${name.padEnd(10)}${value}`);
}

/** `$0.0123`; null means that the price of a model is not known. */
function costPhrase(costUsd: number | null): string {
  if (costUsd === null) return 'cost unknown';
  return costUsd === 0 ? 'no cost' : `$${costUsd.toFixed(4)}`;
}

/** The models that answered, as ` (provider/model)`. */
function modelsIn(log: readonly LogEntry[]): string {
  const names = log.flatMap(({ read }) => {
    const answer = read.ok ? read.message.model?.answer : undefined;
    return answer?.ok === true ? [nameOf(answer.provider, answer.model)] : [];
  });
  return names.length === 0 ? '' : ` (${[...new Set(names)].join(', ')})`;
}

const nameOf = (provider: string, model: string): string =>
  oneLine(provider === model ? provider : `${provider}/${model}`, NAME_CHARS_MAX);
