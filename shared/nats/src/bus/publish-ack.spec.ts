import type { Msg } from '@nats-io/nats-core';
import { TransientError } from '@troupe/actor';
import { describe, expect, it } from 'vitest';
import { readPublishAck, RefusedWrite } from './publish-ack.ts';

/** As the client hands on what the server answered. */
function answer(text: string): Msg {
  const data = new TextEncoder().encode(text);
  return {
    subject: '_INBOX.1',
    sid: 1,
    data,
    respond: () => false,
    json: <T>(): T => JSON.parse(text),
    string: () => text,
  };
}

const refusal = (err_code: number, description: string) =>
  answer(JSON.stringify({ error: { code: 400, err_code, description } }));

describe('the answer to a publish', () => {
  it('says where the message was stored', () => {
    expect(readPublishAck(answer('{"stream":"RUNS_0","seq":7}'))).toEqual({ kind: 'stored', seq: 7, duplicate: false });
    const again = answer('{"stream":"RUNS_0","seq":7,"duplicate":true}');
    expect(readPublishAck(again)).toEqual({ kind: 'stored', seq: 7, duplicate: true });
  });

  it.each([
    ['a server alone', 10071, 'wrong last sequence: 3'],
    ['a cluster', 10164, 'wrong last sequence: 3'],
    ['a stream that has a message there', 10077, 'maximum messages per subject exceeded'],
  ])('is a lost race when %s says that another message came first', (_who, code, description) => {
    expect(readPublishAck(refusal(code, description))).toEqual({ kind: 'unexpected' });
  });

  it('says with which code the server refused it', () => {
    const full = refusal(10077, 'maximum bytes exceeded');
    expect(() => readPublishAck(full)).toThrow(new RefusedWrite(10077, 'maximum bytes exceeded'));
    expect(() => readPublishAck(full)).toThrow('NATS refused the write: maximum bytes exceeded (10077)');
  });

  it.each([
    ['a full stream', refusal(10077, 'maximum bytes exceeded')],
    ['a stream without a leader', refusal(10008, 'JetStream system temporarily unavailable')],
    ['broken JSON', answer('{')],
    ['no object', answer('7')],
    ['an answer without a sequence', answer('{"stream":"RUNS_0"}')],
  ])('may pass, and is tried again, after %s', (_what, message) => {
    expect(() => readPublishAck(message)).toThrow(TransientError);
  });
});
