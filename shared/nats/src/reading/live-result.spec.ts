import { encodeJson, LogLayout, messageId, type MessageOf, type RunAddress, RUN_TASK, USER } from '@troupe/contract';
import { MsgHdrsImpl, type Msg } from '@nats-io/nats-core';
import { describe, expect, it } from 'vitest';
import { readLiveResult } from './live-result.ts';

const RUN = '01990000-0000-7000-8000-0000000000aa';
const OTHER = '01990000-0000-7000-8000-0000000000bb';
const TENANT = 'default';
const layout = new LogLayout(4);
const ADDRESS: RunAddress = { tenant: TENANT, run: RUN, task: RUN_TASK, from: 'supervisor', to: USER, ordinal: 7 };
const ENDED: MessageOf<'run.ended'> = {
  type: 'run.ended',
  body: {
    status: 'completed',
    goal: 'g',
    markdown: 'm',
    spent: { tokens: 1, costUsd: null, modelCalls: 1, toolCalls: 0 },
    startedAt: 1,
  },
  id: messageId('supervisor', RUN_TASK, 7),
  run: RUN,
  task: RUN_TASK,
  v: 1,
  decider: 'v1',
  at: 2,
  cause: messageId('supervisor', RUN_TASK, 6),
  tenant: TENANT,
  budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 3 },
  integrity: 'agent',
};
const HEADERS = {
  'Nats-Stream': layout.streamOf(RUN),
  'Nats-Subject': layout.message(ADDRESS),
  'Nats-Sequence': '12',
};

function heard(data: Uint8Array, headers: Record<string, string> = HEADERS, of = `${TENANT}.${RUN}`): Msg {
  const made = new MsgHdrsImpl();
  for (const [name, value] of Object.entries(headers)) made.set(name, value);
  return {
    subject: `troupe.results.${of}.${RUN_TASK}.7`,
    sid: 1,
    data,
    headers: made,
    respond: () => false,
    json: () => {
      throw new Error('not used');
    },
    string: () => '',
  };
}

describe('what is heard as a result', () => {
  it('is one when a stream of runs stored it there', () => {
    expect(readLiveResult(heard(encodeJson(ENDED)))).toEqual(ENDED);
  });

  it.each<[string, Record<string, string>]>([
    ['has no headers', {}],
    ['is of another stream', { ...HEADERS, 'Nats-Stream': 'GOALS' }],
    ['is of no shard', { ...HEADERS, 'Nats-Stream': 'RUNS' }],
    ['has no sequence', { ...HEADERS, 'Nats-Sequence': '' }],
    ['was stored for another run', { ...HEADERS, 'Nats-Subject': layout.message({ ...ADDRESS, run: OTHER }) }],
    ['was stored for another tenant', { ...HEADERS, 'Nats-Subject': layout.message({ ...ADDRESS, tenant: 'other' }) }],
    ['was stored for a role', { ...HEADERS, 'Nats-Subject': layout.message({ ...ADDRESS, to: 'writer' }) }],
    ['was stored elsewhere', { ...HEADERS, 'Nats-Subject': 'troupe.goals.default' }],
  ])('is none when it %s', (_what, headers) => {
    expect(readLiveResult(heard(encodeJson(ENDED), headers))).toBeUndefined();
  });

  it.each<[string, Uint8Array]>([
    ['empty', new Uint8Array()],
    ['no message', encodeJson({ stream: 'GOALS', seq: 1 })],
    ['broken', new TextEncoder().encode('{"type":')],
    ['a result of another run', encodeJson({ ...ENDED, run: OTHER })],
    ['a message of another place', encodeJson({ ...ENDED, id: messageId('supervisor', RUN_TASK, 8) })],
  ])('is none when it is %s', (_what, data) => {
    expect(readLiveResult(heard(data))).toBeUndefined();
  });

  it.each([
    ['run', `${TENANT}.${OTHER}`],
    ['tenant', `other.${RUN}`],
  ])('is none when it is heard where the result of another %s would be', (_what, of) => {
    expect(readLiveResult(heard(encodeJson(ENDED), HEADERS, of))).toBeUndefined();
  });
});
