import type { MessageOf, RunId, Token } from '@troupe/contract';
import { ofType, type Placed, type RunLog } from './run-log.ts';

export type Outcome = Placed<MessageOf<'tool.returned'>>;

/** The step that a message belongs to. */
export const keyOf = ({ actor, message }: Placed): string => `${actor} ${message.cause}`;

/** Outcomes by the step that they end. */
export const outcomesOf = (log: RunLog): Map<string, Outcome[]> => Map.groupBy(ofType(log, 'tool.returned'), keyOf);

/** A call of a tool that is not idempotent, as the ledger has it. */
export interface Effect {
  run: RunId;
  task: Token;
  call: string;
  tool: string;
  /** `applied`: it happened once; `failed`: it did not; `unknown`: it may have; `open`: there is no outcome yet. */
  outcome: 'applied' | 'failed' | 'unknown' | 'open';
}

/** The ledger of a run: one entry per *started*. */
export function effectsOf(log: RunLog): Effect[] {
  const outcomes = outcomesOf(log);
  return ofType(log, 'effect.started').map((entry) => {
    const { run, task, body } = entry.message;
    const { call, tool } = body;
    const found = outcomes.get(keyOf(entry))?.[0];
    return { run, task, call, tool, outcome: found === undefined ? 'open' : outcomeOf(found.message.body.outcome) };
  });
}

/** A tool that was cut off by its time may have had its effect. */
function outcomeOf(outcome: { ok: true } | { ok: false; kind: 'failed' | 'timeout' | 'unknown' }): Effect['outcome'] {
  if (outcome.ok) return 'applied';
  return outcome.kind === 'failed' ? 'failed' : 'unknown';
}
