import { encode, Goal, INTAKE, LogLayout, Message, messageId, SCHEMA_VERSION } from '@troupe/contract';
import type { RoleFacts } from './role-facts.ts';
import type { Stored } from './stored.ts';

export const RUN = '01990000-0000-7000-8000-000000000001';
const TENANT = 'default';
const LAYOUT = new LogLayout(1);
export const DEADLINE = 100_000;

const role = (name: string, change: Partial<RoleFacts>): RoleFacts => ({
  name,
  kind: 'agent',
  scope: 'task',
  consumes: {},
  emits: {},
  ...change,
});

export const ROLES: readonly RoleFacts[] = [
  role('supervisor', {
    scope: 'run',
    consumes: {
      'run.started': [INTAKE],
      'task.completed': ['@workers'],
      'output.approved': ['policy-guard'],
    },
    emits: {
      'task.assigned': ['@workers'],
      'output.proposed': ['policy-guard'],
      'run.ended': ['user'],
      noted: ['log'],
    },
  }),
  role('researcher', {
    kind: 'worker',
    consumes: { 'task.assigned': ['supervisor'], 'tool.returned': ['tool-executor'], 'tool.denied': ['policy-guard'] },
    emits: { 'tool.requested': ['policy-guard'], 'task.completed': ['supervisor'] },
  }),
  role('policy-guard', {
    scope: 'run',
    consumes: { 'tool.requested': ['@workers'], 'output.proposed': ['supervisor'] },
    emits: { 'tool.granted': ['tool-executor'], 'tool.denied': ['@workers'], 'output.approved': ['supervisor'] },
  }),
  role('tool-executor', {
    consumes: { 'tool.granted': ['policy-guard'] },
    emits: { 'effect.started': ['log'], 'tool.returned': ['@workers'] },
  }),
];

/** One stored message that tests may change before it is encoded. */
export interface Line {
  from: string;
  to: string;
  ordinal: number;
  message: Message;
}

const ENVELOPE = {
  run: RUN,
  v: SCHEMA_VERSION,
  decider: 'one',
  tenant: TENANT,
  budget: { tokens: 1_000, toolCalls: 1, steps: 4, deadlineAt: DEADLINE },
  integrity: 'agent',
} as const;
const ARGUMENTS = { text: 'a note' };
const SPENT = { tokens: 30, costUsd: 0, modelCalls: 2, toolCalls: 1 };

export const answered = (question: string, tokens = 15): NonNullable<Message['model']> => ({
  question,
  answer: {
    ok: true,
    provider: 'test',
    model: 'test',
    text: '',
    toolCalls: [],
    stop: 'end',
    usage: { inputTokens: tokens - 5, outputTokens: 5 },
    costUsd: 0,
  },
});

/** One line of the log; the ordinal is the writer's own count. */
function line(from: string, to: string, ordinal: number, written: { task: string; [field: string]: unknown }): Line {
  const id = messageId(from, written.task, ordinal);
  return { from, to, ordinal, message: Message.parse({ ...ENVELOPE, id, ...written }) };
}

const TASK = { goal: 'g', title: 't', instructions: '', tools: ['append_note'], inputs: [], round: 1 };
const REQUEST = { call: 'c1', modelCall: 'm1', tool: 'append_note', arguments: ARGUMENTS };
const GRANT = {
  tenant: 'default',
  run: RUN,
  task: 't1',
  call: 'c1',
  tool: 'append_note',
  argumentsDigest: 'ab'.repeat(32),
  requester: 'researcher',
  policy: 'p',
  expiresAt: DEADLINE,
};
const STARTED = { call: 'c1', tool: 'append_note', attempt: 'a' };
const RETURNED = { call: 'c1', tool: 'append_note', outcome: { ok: true, content: 'done', evidence: [] } };
const FINDINGS = { artifact: { kind: 'findings', claims: [], gaps: [] }, spent: SPENT };

/** What people ask, as the intake writes it: the first message of every run. */
const goalLine = (): Line =>
  line(INTAKE, 'supervisor', 0, {
    task: 'run',
    at: 1,
    cause: 'goal.1',
    budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: DEADLINE },
    integrity: 'user',
    type: 'run.started',
    body: { goal: Goal.parse({ goal: 'g', options: { deadline_ms: DEADLINE - 1 } }) },
  });

/** task → request → grant → effect → findings */
function taskLines(): Line[] {
  const task = 't1';
  const effect = { task, cause: 'policy-guard.t1.0', at: 5 };
  const granted = { grant: GRANT, signature: 's', arguments: ARGUMENTS };
  const asked = { task, at: 2, cause: 'supervisor.t1.0', model: answered('q1') };
  const found = { task, at: 6, cause: 'tool-executor.t1.1', model: answered('q2') };
  return [
    line('supervisor', 'researcher', 0, {
      task,
      at: 1,
      cause: 'intake.run.0',
      model: answered('q0'),
      type: 'task.assigned',
      body: TASK,
    }),
    line('researcher', 'policy-guard', 0, { ...asked, type: 'tool.requested', body: REQUEST }),
    line('policy-guard', 'tool-executor', 0, {
      task,
      at: 3,
      cause: 'researcher.t1.0',
      type: 'tool.granted',
      body: granted,
    }),
    line('tool-executor', 'log', 0, { ...effect, type: 'effect.started', body: STARTED, part: [0, 2] }),
    line('tool-executor', 'researcher', 1, { ...effect, type: 'tool.returned', body: RETURNED, part: [1, 2] }),
    line('researcher', 'supervisor', 1, { ...found, type: 'task.completed', body: FINDINGS }),
  ];
}

/** A whole run with one task, one effect and an output check: no rule finds a fault in it. */
export function wholeRun(): Line[] {
  const proposed = { task: 'run', at: 7, cause: 'researcher.t1.1' };
  const approved = { task: 'run', at: 8, cause: 'supervisor.run.1' };
  const ended = { task: 'run', at: 9, cause: 'policy-guard.run.1' };
  const end = { status: 'completed', goal: 'g', markdown: 'm', spent: { ...SPENT, tokens: 45 }, startedAt: 1 };
  return [
    goalLine(),
    ...taskLines(),
    line('supervisor', 'policy-guard', 1, {
      ...proposed,
      type: 'output.proposed',
      body: { goal: 'g', markdown: 'm', sources: [] },
    }),
    line('policy-guard', 'supervisor', 1, {
      ...approved,
      type: 'output.approved',
      body: { markdown: 'm', masked: 0, neutralised: 0 },
    }),
    line('supervisor', 'user', 2, { ...ended, type: 'run.ended', body: end }),
  ];
}

/** The lines as a stream would hold them. */
export function store(lines: readonly Line[]): Stored[] {
  return lines.map(({ from, to, ordinal, message }, index) => ({
    subject: LAYOUT.message({ tenant: TENANT, run: RUN, task: message.task, from, to, ordinal }),
    seq: index + 1,
    storedAt: message.at,
    bytes: encode(message),
  }));
}
