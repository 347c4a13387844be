import {
  type Content,
  type Evidence,
  type Grant,
  type Input,
  Message,
  messageId,
  type Outgoing,
  type Received,
  type Source,
  type Token,
  type Warrant,
} from '@troupe/contract';
import { given, type Step } from '@troupe/decider';
import {
  evidenceSealer,
  makeRoleKeys,
  sealVerifier,
  warrantSigner,
  type WarrantTerms,
  warrantVerifier,
} from '@troupe/signing';
import { toolSpecs } from '@troupe/tools';
import { policyGuard } from './decide.ts';
import { masker } from './mask.ts';
import { parsePolicy, type Policy } from './policy.ts';

export const RUN = '01990000-0000-7000-8000-000000000001';
export const ASKED_AT = 2_000;

/** A message as its sender's process would stamp it. */
export function sent(from: Token, task: Token, content: Content, ordinal = 0, storedAt = ASKED_AT): Received {
  const message = Message.parse({
    ...content,
    id: messageId(from, task, ordinal),
    run: RUN,
    task,
    v: 1,
    decider: 'v1',
    at: ASKED_AT,
    cause: messageId('supervisor', task, 0),
    tenant: 'default',
    budget: { tokens: 100, toolCalls: 1, steps: 1, deadlineAt: 4_102_444_800_000 },
    integrity: 'outside',
  });
  return { ...message, storedAt };
}

const KEYS = makeRoleKeys('supervisor', 'policy-guard', 'tool-executor');
const signWarrant = warrantSigner(KEYS('supervisor'));
const seal = evidenceSealer(KEYS('tool-executor'));

/** The supervisor's word for a task of a role's, in this run, with all tools there are and some that there are not. */
export function warrantFor(assignee: Token, task: Token, terms: Partial<WarrantTerms> = {}, run = RUN): Warrant {
  const all = { tools: Object.keys(toolSpecs), toolCalls: 24, deadlineAt: 601_000 };
  return signWarrant({ run, task, tenant: 'default', assignee }, { ...all, ...terms });
}

const SEARCH: Record<string, unknown> = { query: 'ferries' };

/** A request for a search, with what a test wants to differ. */
export function asked({
  from = 'researcher',
  task = 't1',
  call = 'c1',
  tool = 'search_documents',
  args = SEARCH,
  warrant = warrantFor(from, task),
  ordinal = Number(call.slice(1)),
  storedAt = ASKED_AT,
}: Asked = {}): Received {
  const body = { call, modelCall: 'm1', tool, arguments: args, ...(warrant === null ? {} : { warrant }) };
  return sent(from, task, { type: 'tool.requested', body }, ordinal, storedAt);
}

interface Asked {
  from?: Token;
  task?: Token;
  call?: string;
  tool?: string;
  args?: Record<string, unknown>;
  /** Null: the request comes without one. */
  warrant?: Warrant | null;
  ordinal?: number;
  storedAt?: number;
}

/** A passage that a tool returned, in this run of this tenant unless the test says otherwise. */
export const sealedPassage = (passage: Evidence, run = RUN, tenant = 'default'): Source =>
  seal({ tenant, run }, passage);
export const sealed = (line: number, run = RUN, tenant = 'default'): Source =>
  sealedPassage({ path: 'a.md', startLine: line, endLine: line, text: 'line' }, run, tenant);

/** A report that cites as many sources as it has, unless the test says otherwise. */
export const proposed = (markdown: string, sources: number | Source[] = 1, goal = 'How do ferries fare?'): Received =>
  sent('supervisor', 'run', {
    type: 'output.proposed',
    body: {
      goal,
      markdown,
      sources: typeof sources !== 'number' ? sources : Array.from({ length: sources }, (_, index) => sealed(index + 1)),
    },
  });

export const policyOf = (rules: string, output = 'output: {}'): Policy =>
  parsePolicy(`version: test-1\ngrant_ttl_ms: 60000\nrules:\n${rules}\n${output}\n`, 'test.yaml');

export const ALLOW_SEARCH = '  - { id: search, tools: [search_documents], roles: [researcher], effect: allow }';

/** A guard whose signature shows what was signed, so that a test can read it. */
export function guardWith(policy: Policy) {
  return policyGuard({
    policy,
    sign: (grant: Grant) => `signed:${grant.call}:${grant.argumentsDigest.slice(0, 4)}`,
    isWarrant: warrantVerifier(KEYS('policy-guard')),
    isSealed: sealVerifier(KEYS('policy-guard')),
    digest: (args) => JSON.stringify(args).length.toString(16).padStart(64, '0'),
    mask: masker(policy.output.mask),
  });
}

/** Plays inputs through a guard; returns what each led to. Every output has to fit its schema. */
export function decided(policy: Policy, ...inputs: Input[]): Outgoing[][] {
  let history: readonly Step<Input, Outgoing>[] = [];
  return inputs.map((input) => {
    const outputs = given(guardWith(policy), history).when(input).outputs();
    for (const { to: _to, task, budget: _budget, ...content } of outputs) sent('policy-guard', task, content);
    history = [...history, { input, outputs }];
    return outputs;
  });
}

/** One input, one output, at the guard. */
export function verdict(policy: Policy, input: Input): Outgoing {
  const [output, ...more] = decided(policy, input)[0] ?? [];
  if (output === undefined || more.length > 0) throw new Error('expected one output');
  return output;
}
