import type { RoleDecider } from '@troupe/actor';
import {
  type Grant,
  type Input,
  isWithinPassage,
  type MessageOf,
  type Outgoing,
  parseMessageId,
  type RunRef,
  type SealedEvidence,
  type Token,
  USER,
  type Warrant,
} from '@troupe/contract';
import { send } from '@troupe/decider';
import { parseArguments, toolSpecs } from '@troupe/tools';
import { type CheckConfig, outputCheck } from './output-check.ts';
import type { Policy, Rule } from './policy.ts';
import {
  CALLS_ANSWERED_MAX,
  callKey,
  callsOf,
  evolve,
  initial,
  type State,
  UNWARRANTED_ANSWERED_MAX,
} from './state.ts';

/** What the guard decides with: the rules, deterministic signatures, and the masking of texts. */
export interface GuardConfig extends CheckConfig {
  policy: Policy;
  sign(grant: Grant): string;
  /** Whether the supervisor signed this warrant for this holder. */
  isWarrant(holder: Holder, warrant: Warrant): boolean;
  /** Whether a tool returned this passage in this run. */
  isSealed(ref: RunRef, evidence: SealedEvidence): boolean;
  /** Undefined for arguments that have no digest. */
  digest(args: Readonly<Record<string, unknown>>): string | undefined;
}

interface Holder extends RunRef {
  task: Token;
  assignee: Token;
}

type Requested = Extract<Input, { type: 'tool.requested' }>;

/** tool.requested → tool.granted or tool.denied; output.proposed → output.approved or output.refused. */
export function policyGuard(config: GuardConfig): RoleDecider<State, never, never> {
  return {
    initial,
    evolve,
    conclude: () => [],
    isDone: () => false,
    decide(state: State, input: Input) {
      switch (input.type) {
        case 'tool.requested':
          return send(...verdict(config, state, input));
        case 'output.proposed':
          return send(...(unsealed(config, input) ?? outputCheck(config, input)));
        default:
          return send();
      }
    },
  };
}

/** The cheapest reasons come first: who floods the guard makes it do little, and makes its state no larger. */
function verdict(config: GuardConfig, state: State, input: Requested): Outgoing[] {
  const { call, tool, arguments: args, warrant } = input.body;
  // The broker lets a role write only as itself, and the mailbox has checked the ID against the subject.
  const requester = parseMessageId(input.id)?.from ?? USER;
  const denied = denial(input, requester);
  const fault = warrantFault(config, input, requester);
  if (fault !== undefined || warrant === undefined) {
    const isTold = (state.unwarranted[requester] ?? 0) < UNWARRANTED_ANSWERED_MAX;
    return isTold && fault !== undefined ? denied(...fault) : [];
  }
  const calls = callsOf(state, input.task, requester);
  if (calls.answers >= CALLS_ANSWERED_MAX || calls.answered[callKey(call)] !== undefined) return [];
  const spec = toolSpecs[tool];
  if (spec === undefined) return denied('unknown-tool', `There is no tool "${tool}".`);
  if (!warrant.tools.includes(tool)) return denied('not-in-task', `The task may not use ${tool}.`);
  if (calls.granted >= warrant.toolCalls)
    return denied('task-budget', `The task may make ${warrant.toolCalls} tool calls, and has made them.`);
  const parsed = parseArguments(spec, args);
  if (!parsed.ok) return denied('invalid-arguments', parsed.message);
  const rule = config.policy.rules.find((candidate) => names(candidate, tool, requester));
  if (rule === undefined) return denied('default', `No rule allows ${requester} to use ${tool}.`);
  if (rule.effect === 'deny') return denied(rule.id, `The rule ${rule.id} denies ${tool} to ${requester}.`);
  const used = rule.tools.reduce((sum, name) => sum + (state.granted[name] ?? 0), 0);
  if (used >= rule.calls_per_run_max)
    return denied(rule.id, `The rule ${rule.id} allows ${rule.calls_per_run_max} calls per run.`);
  const argumentsDigest = config.digest(args);
  if (argumentsDigest === undefined)
    return denied('invalid-arguments', 'The arguments cannot be written as JSON (RFC 8785).');
  const grant: Grant = {
    tenant: input.tenant,
    run: input.run,
    task: input.task,
    call,
    tool,
    argumentsDigest,
    requester,
    policy: config.policy.version,
    // The broker's clock and the supervisor's word; nothing that the requester says.
    expiresAt: Math.min(warrant.deadlineAt, input.storedAt + config.policy.grant_ttl_ms),
  };
  const { task, budget, integrity } = input;
  const body = { grant, signature: config.sign(grant), arguments: args };
  return [{ to: 'tool-executor', task, budget, integrity, type: 'tool.granted', body }];
}

const denial =
  ({ task, budget, body: { call, tool } }: Requested, to: Token) =>
  (rule: string, reason: string): Outgoing[] => [
    { to, task, budget, integrity: 'agent', type: 'tool.denied', body: { call, tool, rule, reason } },
  ];

/** What keeps a request from belonging to a task of the supervisor's that is still under way: rule and reason. */
function warrantFault(config: GuardConfig, input: Requested, assignee: Token): [string, string] | undefined {
  const { run, task, tenant, storedAt } = input;
  const { warrant } = input.body;
  if (warrant === undefined) return ['no-warrant', 'The request does not carry the warrant of a task.'];
  if (storedAt >= warrant.deadlineAt) return ['warrant-expired', 'The deadline of the task is over.'];
  if (config.isWarrant({ run, task, tenant, assignee }, warrant)) return undefined;
  return ['bad-warrant', `The supervisor has not signed this warrant for ${assignee} and this task.`];
}

const names = (rule: Rule, tool: string, requester: string): boolean =>
  rule.tools.includes(tool) && rule.roles.includes(requester);

/** A report whose sources no tool returned in this run is not let out, whoever proposes it. */
function unsealed(config: GuardConfig, input: MessageOf<'output.proposed'>): Outgoing[] | undefined {
  const places = input.body.sources.flatMap((source, index) =>
    config.isSealed(input, source) && isWithinPassage(source) ? [] : [`[${index + 1}]`],
  );
  if (places.length === 0) return undefined;
  const reason = `No tool returned these sources of the report in this run: ${places.slice(0, 100).join(', ')}.`;
  const { task, budget, integrity } = input;
  return [{ to: 'supervisor', task, budget, integrity, type: 'output.refused', body: { reason } }];
}
