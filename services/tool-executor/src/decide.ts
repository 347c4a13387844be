import type { RoleDecider } from '@troupe/actor';
import { type Grant, type Input, LOG, type MessageOf, type Outgoing, type ToolOutcome } from '@troupe/contract';
import { ask, send } from '@troupe/decider';
import { evolve, initial, type State } from './state.ts';

/** A tool to run, under a grant that was verified. */
export interface ToolRun {
  grant: Grant;
  arguments: Record<string, unknown>;
}

export interface ExecutorConfig {
  verify(grant: Grant, signature: string): boolean;
  /** Undefined for arguments that have no digest. */
  digest(args: Readonly<Record<string, unknown>>): string | undefined;
}

/**
 * tool.granted → tool.returned. The grant is checked before anything else: signature, place, arguments, use. A grant
 * that fails is answered to nobody, because nobody honest sent it; the refusal stays in the log.
 */
export function toolExecutor(config: ExecutorConfig): RoleDecider<State, ToolRun, ToolOutcome> {
  return {
    initial,
    evolve,
    isDone: () => false,
    decide(state, input) {
      if (input.type === 'effect.interrupted' && input.of.type === 'tool.granted')
        return send(returned(input.of, UNKNOWN));
      if (input.type !== 'tool.granted') return send();
      const { grant, arguments: args } = input.body;
      const refusal = refusalOf(config, state, input);
      if (refusal !== undefined) return send(refused(input, refusal));
      return ask({ grant, arguments: args });
    },
    conclude(state, input, outcome) {
      if (input.type !== 'tool.granted') return [];
      // Copies of one grant may run side by side (an idempotent tool does no harm by it): only the first is answered.
      return state.calls[input.body.grant.call] === 'used' ? [refused(input, USED)] : [returned(input, outcome)];
    },
  };
}

/** The ledger has *started* and nothing after it: the process died in between, and nobody can tell how far it came. */
const UNKNOWN: ToolOutcome = {
  ok: false,
  kind: 'unknown',
  message: 'The tool was started and its process ended before the result was recorded. It is not run again.',
};

const USED = 'the grant was used already';

function refusalOf(config: ExecutorConfig, state: State, input: MessageOf<'tool.granted'>): string | undefined {
  const { grant, signature, arguments: args } = input.body;
  if (!config.verify(grant, signature)) return 'the signature is not the guard’s';
  if (grant.tenant !== input.tenant || grant.run !== input.run || grant.task !== input.task)
    return `the grant is for run ${grant.run} of ${grant.tenant}, task ${grant.task}`;
  if (grant.argumentsDigest !== config.digest(args)) return 'the arguments are not the ones that were granted';
  if (Object.hasOwn(state.calls, grant.call)) return USED;
  return undefined;
}

function refused(input: MessageOf<'tool.granted'>, reason: string): Outgoing {
  const { call } = input.body.grant;
  return {
    type: 'grant.refused',
    body: { call, reason },
    to: LOG,
    task: input.task,
    budget: input.budget,
    integrity: 'agent',
  };
}

function returned(input: MessageOf<'tool.granted'>, outcome: ToolOutcome): Outgoing {
  const { call, tool, requester } = input.body.grant;
  return {
    type: 'tool.returned',
    body: { call, tool, outcome },
    to: requester,
    task: input.task,
    budget: input.budget,
    integrity: 'outside',
  };
}

/** The ledger entry for a run of a tool that is not idempotent. */
export function started(input: Input, { grant }: ToolRun, attempt: string): Outgoing | undefined {
  if (input.type !== 'tool.granted') return undefined;
  return {
    type: 'effect.started',
    body: { call: grant.call, tool: grant.tool, attempt },
    to: LOG,
    task: input.task,
    budget: input.budget,
    integrity: 'agent',
  };
}
