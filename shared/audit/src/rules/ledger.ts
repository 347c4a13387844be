import type { MessageOf } from '@troupe/contract';
import { keyOf, type Outcome, outcomesOf } from '../effects.ts';
import type { Rule } from '../rule.ts';
import { ofType, type Placed, type RunLog } from '../run-log.ts';

type Started = Placed<MessageOf<'effect.started'>>;

export const ledger: Rule = {
  name: 'ledger',
  promise: 'An effect is started at most once per call, and each one that was started has exactly one outcome.',
  violations(log) {
    const started = ofType(log, 'effect.started');
    const perCall = Map.groupBy(started, ({ actor, message }) => `${actor} ${message.body.call} ${message.cause}`);
    const repeated = [...perCall.values()].flatMap((entries) =>
      entries.length > 1 ? [`${callOf(entries[0])} was started ${entries.length} times`] : [],
    );
    const outcomes = outcomesOf(log);
    return [...repeated, ...started.flatMap((entry) => faultsOf(log, entry, outcomes.get(keyOf(entry)) ?? []))];
  },
};

const callOf = (entry: Started | undefined): string =>
  entry === undefined
    ? '?'
    : `the call ${entry.message.body.call} of task ${entry.message.task} (${entry.message.body.tool})`;

function faultsOf(log: RunLog, entry: Started, outcomes: readonly Outcome[]): string[] {
  const { body } = entry.message;
  const [outcome] = outcomes;
  if (outcomes.length > 1) return [`${callOf(entry)} has ${outcomes.length} outcomes`];
  if (outcome === undefined) return log.isDue(entry.message) ? [`${callOf(entry)} was started and has no outcome`] : [];
  if (outcome.seq < entry.seq) return [`${callOf(entry)} has its outcome before its start`];
  const { call, tool } = outcome.message.body;
  return call === body.call && tool === body.tool ? [] : [`${callOf(entry)} has the outcome of ${call} (${tool})`];
}
