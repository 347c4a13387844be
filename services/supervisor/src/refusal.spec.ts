import { TransientError } from '@troupe/actor';
import { RefusedWrite } from '@troupe/nats';
import { describe, expect, it } from 'vitest';
import { AWAY_RETRY_MS, FULL_RETRY_MS, Refusal, refusedWrite, replyFor } from './refusal.ts';

const AGAIN = 'Send it again with the id "i": that makes no second run.';
const answerTo = (error: TransientError) => replyFor(refusedWrite('the goal', error, AGAIN));

describe('a goal that is not stored', () => {
  it.each([
    [10_077, 'maximum bytes exceeded'],
    [10_077, 'maximum messages exceeded'],
    [10_047, 'insufficient storage resources available'],
    [10_023, 'insufficient resources'],
    [10_028, 'insufficient memory resources available'],
    [10_002, 'resource limits exceeded for account'],
  ])('because there is no room (%i, %s) may be sent again in a minute', (code, description) => {
    expect(answerTo(new RefusedWrite(code, description))).toEqual({
      error: `No room for the goal: the store is full (${description}, ${code}), and nothing was stored. Try again in 60 s. If it stays full, its operator has to make room.`,
      retry_after_ms: FULL_RETRY_MS,
    });
  });

  it('because it is too large is told so, and is not to be sent again', () => {
    expect(answerTo(new RefusedWrite(10_054, 'message size exceeds maximum allowed'))).toEqual({
      error: 'No room for the goal: it is too large (message size exceeds maximum allowed, 10054). Make it shorter.',
    });
  });

  it('for another reason may be sent again in a few seconds', () => {
    expect(answerTo(new RefusedWrite(10_008, 'JetStream system temporarily unavailable'))).toEqual({
      error: 'NATS did not store the goal (JetStream system temporarily unavailable, 10008). Try again in 5 s.',
      retry_after_ms: AWAY_RETRY_MS,
    });
  });

  it('as far as anybody knows is to be sent again with the same id', () => {
    expect(answerTo(new TransientError('no reply within 5000 ms'))).toEqual({
      error: `Whether the goal was stored is not known: no reply within 5000 ms. ${AGAIN} Try again in 5 s.`,
      retry_after_ms: AWAY_RETRY_MS,
    });
  });
});

describe('other refusals', () => {
  it('have no hint when asking again does not help', () => {
    expect(replyFor(new Refusal('There is no run.'))).toEqual({ error: 'There is no run.' });
    expect(replyFor(new RangeError('a bug'))).toEqual({ error: 'a bug' });
  });

  it('have one when the store did not answer', () => {
    expect(replyFor(new TransientError('no reply within 5000 ms'))).toMatchObject({ retry_after_ms: AWAY_RETRY_MS });
  });
});
