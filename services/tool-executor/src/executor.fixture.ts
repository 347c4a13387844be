import {
  type Content,
  type Grant,
  type Input,
  Message,
  messageId,
  type Outgoing,
  type Received,
} from '@troupe/contract';
import type { Step } from '@troupe/decider';
import {
  digestArguments,
  evidenceSealer,
  grantSigner,
  grantVerifier,
  makeRoleKeys,
  sealVerifier,
} from '@troupe/signing';
import { toolExecutor } from './decide.ts';

export const RUN = '01990000-0000-7000-8000-000000000001';
export const OTHER_RUN = '01990000-0000-7000-8000-000000000002';
const NOTE: Record<string, unknown> = { text: 'remember the ferries' };

const COMPANY = ['policy-guard', 'tool-executor', 'supervisor'];
const KEYS = makeRoleKeys(...COMPANY);
const guard = { sign: grantSigner(KEYS('policy-guard')), verify: grantVerifier(KEYS('tool-executor')) };
/** Signs as a guard that the executor does not know. */
export const somebodyElse = { sign: grantSigner(makeRoleKeys(...COMPANY)('policy-guard')) };
export const seal = evidenceSealer(KEYS('tool-executor'));
export const isSealed = sealVerifier(KEYS('supervisor'));

/** An executor that trusts the guard's real key. */
export const executor = toolExecutor({ verify: guard.verify, digest: digestArguments });

export const grantOf = (different: Partial<Grant> = {}): Grant => ({
  tenant: 'default',
  run: RUN,
  task: 't1',
  call: 'c1',
  tool: 'append_note',
  argumentsDigest: digestArguments(NOTE) ?? '',
  requester: 'researcher',
  policy: 'test-1',
  expiresAt: 600_000,
  ...different,
});

/** A grant as it arrives: signed by the guard, in its own run and task, unless the test says otherwise. */
export function granted({
  grant = grantOf(),
  signature = guard.sign(grant),
  args = NOTE,
  ordinal = 0,
  run = RUN,
  task = 't1',
} = {}): Received {
  return sent(
    'policy-guard',
    { type: 'tool.granted', body: { grant, signature, arguments: args } },
    ordinal,
    run,
    task,
  );
}

/** A message as its sender's process would stamp it. */
export function sent(from: string, content: Content, ordinal = 0, run = RUN, task = 't1'): Received {
  const message = Message.parse({
    ...content,
    id: messageId(from, task, ordinal),
    run,
    task,
    v: 1,
    decider: 'v1',
    at: 2_000,
    cause: messageId('researcher', task, 0),
    tenant: 'default',
    budget: { tokens: 100, toolCalls: 1, steps: 1, deadlineAt: 601_000 },
    integrity: 'outside',
  });
  return { ...message, storedAt: 2_000 };
}

const written = (content: Content, to: string): Outgoing => ({
  ...content,
  to,
  task: 't1',
  budget: { tokens: 100, toolCalls: 1, steps: 1, deadlineAt: 601_000 },
  integrity: 'outside',
});

/** The ledger after a call was started and its process ended. */
export const STARTED: Step<Input, Outgoing> = {
  input: granted(),
  outputs: [written({ type: 'effect.started', body: { call: 'c1', tool: 'append_note', attempt: 'a1' } }, 'log')],
};
/** The ledger after a call was answered. */
export const USED: Step<Input, Outgoing> = {
  input: granted(),
  outputs: [
    written(
      {
        type: 'tool.returned',
        body: { call: 'c1', tool: 'append_note', outcome: { ok: true, content: 'done', evidence: [] } },
      },
      'researcher',
    ),
  ],
};
