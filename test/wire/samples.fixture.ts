import type { Content, Message, MessageType, ModelRecord, SealedEvidence, Source } from '@troupe/contract';

const RUN = '01990000-0000-7000-8000-000000000001';

const passage: SealedEvidence = {
  path: 'fleet/ferries.md',
  startLine: 3,
  endLine: 5,
  text: 'Ferries are – 渡り鳥 – slow.\nSo.',
  seal: 'c2VhbA',
};
const source: Source = { ...passage, lines: { startLine: 4, endLine: 5 } };
const warrant = { tools: ['search_documents'], toolCalls: 4, deadlineAt: 1_767_226_200_000, signature: 'c2lnbmF0dXJl' };
const spent = { tokens: 1_234, costUsd: 0.0125, modelCalls: 2, toolCalls: 1 };
const findings = {
  kind: 'findings' as const,
  claims: [{ text: 'Ferries are slow.', source }],
  gaps: ['Their colour.'],
};
const draft = { kind: 'draft' as const, markdown: '# Ferries\n\nThey are slow [1].', sources: [source] };
const critique = { kind: 'critique' as const, verdict: 'revise' as const, reasons: ['Too short.'] };
const args = { query: 'ferries', limit: 5, exact: false, near: null, weights: [1, 0.5], nested: { a: '' } };
const grant = {
  tenant: 'acme',
  run: RUN,
  task: 't1',
  call: 'c1',
  tool: 'search_documents',
  argumentsDigest: 'ab'.repeat(32),
  requester: 'researcher',
  policy: 'default-1',
  expiresAt: 1_767_225_900_000,
};

/** One content per message type, with every optional field there. The compiler refuses a missing type. */
const contents: { [Type in MessageType]: { from: string; content: Content<Type> } } = {
  'task.assigned': {
    from: 'supervisor',
    content: {
      type: 'task.assigned',
      body: {
        goal: 'Explain ferries.',
        title: 'Ferries',
        instructions: 'Find out.',
        tools: ['search_documents'],
        inputs: [findings, draft, critique],
        round: 2,
        warrant,
      },
    },
  },
  'task.completed': {
    from: 'writer',
    content: { type: 'task.completed', body: { artifact: draft, spent, shortfall: 'a limit was reached' } },
  },
  'task.failed': {
    from: 'researcher',
    content: { type: 'task.failed', body: { reason: 'the model is away', spent: { ...spent, costUsd: null } } },
  },
  'tool.requested': {
    from: 'researcher',
    content: {
      type: 'tool.requested',
      body: { call: 'c1', modelCall: 'call_a', tool: 'search_documents', arguments: args, warrant },
    },
  },
  'tool.granted': {
    from: 'policy-guard',
    content: { type: 'tool.granted', body: { grant, signature: 'c2lnbmF0dXJl', arguments: args } },
  },
  'tool.denied': {
    from: 'policy-guard',
    content: { type: 'tool.denied', body: { call: 'c1', tool: 'append_note', reason: 'No rule.', rule: 'default' } },
  },
  'tool.returned': {
    from: 'tool-executor',
    content: {
      type: 'tool.returned',
      body: {
        call: 'c1',
        tool: 'search_documents',
        outcome: { ok: true, content: '{"results":[]}', evidence: [passage] },
      },
    },
  },
  'effect.started': {
    from: 'tool-executor',
    content: { type: 'effect.started', body: { call: 'c1', tool: 'append_note', attempt: 'a1' } },
  },
  'grant.refused': {
    from: 'tool-executor',
    content: { type: 'grant.refused', body: { call: 'c1', reason: 'the grant was used already' } },
  },
  'output.proposed': {
    from: 'supervisor',
    content: {
      type: 'output.proposed',
      body: {
        goal: 'Explain ferries.',
        markdown: draft.markdown,
        sources: [source],
        reason: 'Ferries: a limit was reached',
      },
    },
  },
  'output.approved': {
    from: 'policy-guard',
    content: {
      type: 'output.approved',
      body: { markdown: draft.markdown, reason: 'Ferries: a limit was reached', masked: 1, neutralised: 2 },
    },
  },
  'output.refused': {
    from: 'policy-guard',
    content: { type: 'output.refused', body: { reason: 'It cites [9].' } },
  },
  'run.ended': {
    from: 'supervisor',
    content: {
      type: 'run.ended',
      body: {
        status: 'partial',
        reason: 'Ferries: a limit was reached',
        goal: 'Explain ferries.',
        markdown: draft.markdown,
        spent,
        startedAt: 1_767_225_600_000,
      },
    },
  },
  'answer.rejected': {
    from: 'writer',
    content: { type: 'answer.rejected', body: { complaint: 'There is no source [9].' } },
  },
  noted: { from: 'supervisor', content: { type: 'noted', body: { what: 'took in task.completed' } } },
  'run.started': {
    from: 'intake',
    content: {
      type: 'run.started',
      body: {
        goal: {
          id: 'mine-1',
          goal: 'Explain ferries.',
          options: {
            preset: 'medium',
            revisions_max: 2,
            tasks_max: 12,
            tool_calls_max: 40,
            steps_per_task_max: 8,
            deadline_ms: 600_000,
          },
        },
      },
    },
  },
  'run.rejected': {
    from: 'intake',
    content: { type: 'run.rejected', body: { reason: 'The goal is broken JSON.', excerpt: '{"goal":' } },
  },
  'cancel.requested': { from: 'intake', content: { type: 'cancel.requested', body: {} } },
};

const model: ModelRecord = {
  question: 'cd'.repeat(32),
  answer: {
    ok: true,
    provider: 'offline',
    model: 'offline-1',
    text: 'I search.',
    toolCalls: [{ id: 'call_a', name: 'search_documents', arguments: args }],
    stop: 'tools',
    usage: { inputTokens: 900, outputTokens: 34 },
    costUsd: null,
  },
};

/** One message per type, as the version of today writes it. */
export const samples: readonly Message[] = Object.values(contents).map(({ from, content }, index) => ({
  ...content,
  id: `${from}.t1.${index}`,
  run: RUN,
  task: 't1',
  v: 1,
  decider: 'v1',
  at: 1_767_225_600_000 + index,
  cause: index === 0 ? 'goal.7' : `supervisor.t1.${index}`,
  tenant: 'acme',
  budget: { tokens: 5_000, toolCalls: 4, steps: 10, deadlineAt: 1_767_226_200_000 },
  integrity: 'outside' as const,
  part: [0, 2] as [number, number],
  model,
}));
