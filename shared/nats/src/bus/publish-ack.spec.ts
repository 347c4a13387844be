import type { Msg } from '@nats-io/nats-core';
import { TransientError } from '@troupe/actor';
import { describe, expect, it } from 'vitest';
import { AwayError } from './away-error.ts';
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

  it('is a lost race when another message came first, and says up to where', () => {
    const refused = refusal(10071, 'wrong last sequence: 3');
    expect(readPublishAck(refused)).toEqual({ kind: 'unexpected', lastSeq: 3 });
  });

  it('decides nothing when a cluster has another message in flight, which names no sequence', () => {
    expect(readPublishAck(refusal(10164, 'wrong last sequence'))).toEqual({ kind: 'undecided' });
  });

  it('says that a message is there when the stream takes one for each subject', () => {
    const refused = refusal(10077, 'maximum messages per subject exceeded');
    expect(readPublishAck(refused)).toEqual({ kind: 'taken' });
  });

  it.each([
    ['without a leader', 10008, 'JetStream system temporarily unavailable', AwayError],
    ['that cannot do it now', 10009, 'JetStream cluster can not handle request', AwayError],
    ['that is full', 10077, 'maximum bytes exceeded', RefusedWrite],
  ])('of a stream %s may pass, and says whether anybody is away', (_what, code, description, kind) => {
    const read = () => readPublishAck(refusal(code, description));
    expect(read).toThrow(expect.objectContaining({ constructor: kind }));
  });

  it('says with which code the server refused it', () => {
    const full = refusal(10077, 'maximum bytes exceeded');
    expect(() => readPublishAck(full)).toThrow(new RefusedWrite(10077, 'maximum bytes exceeded'));
    expect(() => readPublishAck(full)).toThrow('NATS refused the write: maximum bytes exceeded (10077)');
  });

  it.each([
    ['a full stream', refusal(10077, 'maximum bytes exceeded')],
    ['a lost race that names no sequence', refusal(10071, 'wrong last sequence')],
    ['broken JSON', answer('{')],
    ['no object', answer('7')],
    ['an answer without a sequence', answer('{"stream":"RUNS_0"}')],
  ])('may pass, and is tried again, after %s', (_what, message) => {
    expect(() => readPublishAck(message)).toThrow(TransientError);
  });
});
