import type { RoleDecider } from '@troupe/actor';
import { type Grant, type Input, type MessageOf, type Outgoing, parseMessageId, USER } from '@troupe/contract';
import { send } from '@troupe/decider';
import { parseArguments, toolSpecs } from '@troupe/tools';
import { type CheckConfig, outputCheck } from './output-check.ts';
import type { Policy, Rule } from './policy.ts';
import { callKey, evolve, initial, type State } from './state.ts';

/** What the guard decides with: the rules, a deterministic signature, and the masking of texts. */
export interface GuardConfig extends CheckConfig {
  policy: Policy;
  sign(grant: Grant): string;
  digest(args: Readonly<Record<string, unknown>>): string;
}

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
          return send(...outputCheck(config, input));
        default:
          return send();
      }
    },
  };
}

function verdict(config: GuardConfig, state: State, input: MessageOf<'tool.requested'>): Outgoing[] {
  const { call, tool, arguments: args } = input.body;
  // The broker lets a role write only as itself, and the mailbox has checked the ID against the subject.
  const requester = parseMessageId(input.id)?.from ?? USER;
  if (state.answered.includes(callKey(input.task, requester, call))) return [];
  const base = { task: input.task, budget: input.budget };
  const denied = (rule: string, reason: string): Outgoing[] => [
    { ...base, to: requester, integrity: 'agent', type: 'tool.denied', body: { call, tool, rule, reason } },
  ];
  const spec = toolSpecs[tool];
  if (spec === undefined) return denied('unknown-tool', `There is no tool "${tool}".`);
  const parsed = parseArguments(spec, args);
  if (!parsed.ok) return denied('invalid-arguments', parsed.message);
  const rule = config.policy.rules.find((candidate) => names(candidate, tool, requester));
  if (rule === undefined) return denied('default', `No rule allows ${requester} to use ${tool}.`);
  if (rule.effect === 'deny') return denied(rule.id, `The rule ${rule.id} denies ${tool} to ${requester}.`);
  const used = rule.tools.reduce((sum, name) => sum + (state.granted[name] ?? 0), 0);
  if (used >= rule.calls_per_run_max)
    return denied(rule.id, `The rule ${rule.id} allows ${rule.calls_per_run_max} calls per run.`);
  const grant = grantFor(config, input, requester);
  const body = { grant, signature: config.sign(grant), arguments: args };
  return [{ ...base, to: 'tool-executor', integrity: input.integrity, type: 'tool.granted', body }];
}

const names = (rule: Rule, tool: string, requester: string): boolean =>
  rule.tools.includes(tool) && rule.roles.includes(requester);

function grantFor(config: GuardConfig, input: MessageOf<'tool.requested'>, requester: string): Grant {
  const { call, tool, arguments: args } = input.body;
  return {
    run: input.run,
    task: input.task,
    call,
    tool,
    argumentsDigest: config.digest(args),
    requester,
    policy: config.policy.version,
    expiresAt: Math.max(1, Math.min(input.budget.deadlineAt, input.at + config.policy.grant_ttl_ms)),
  };
}
