import { ARGUMENT_CHARS_MAX, Unanswered } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { answerInTime, kindOfStatus, unanswered } from './failure.ts';
import { questionOf } from './question.fixture.ts';

const never = new AbortController().signal;

describe('failures as data', () => {
  it.each([
    [400, 'rejected'],
    [401, 'rejected'],
    [403, 'rejected'],
    [404, 'rejected'],
    [408, 'unavailable'],
    [413, 'rejected'],
    [422, 'rejected'],
    [429, 'unavailable'],
    [500, 'unavailable'],
    [529, 'unavailable'],
  ])('calls the status %i %s', (status, kind) => {
    expect(kindOfStatus(status)).toBe(kind);
  });

  it('cuts the configured key and everything that looks like one out of the message', () => {
    const { message } = unanswered('rejected', 'bad my-secret and sk-proj-abcdefgh1234', 'my-secret');
    expect(message).toBe('bad [redacted] and [redacted]');
  });

  it('leaves a message alone when the key is empty', () => {
    expect(unanswered('rejected', 'plain', '').message).toBe('plain');
  });

  it('keeps a message within the contract', () => {
    const failure = unanswered('unavailable', 'x'.repeat(ARGUMENT_CHARS_MAX * 2));
    expect(Unanswered.safeParse(failure).success).toBe(true);
  });

  it('turns whatever is thrown into an answer, with the first cause of a refused connection', async () => {
    const refused = new Error('Connection error.', {
      cause: new Error('fetch failed', { cause: new Error('ECONNREFUSED') }),
    });
    const thrown = (error: unknown) => answerInTime(questionOf(), never, undefined, () => Promise.reject(error));
    expect(await thrown(refused)).toMatchObject({ kind: 'unavailable', message: 'Connection error. (ECONNREFUSED)' });
    expect(await thrown(new Error('Request timed out.'))).toMatchObject({ kind: 'timeout' });
    expect(await thrown(new SyntaxError('Unexpected token'))).toMatchObject({ kind: 'malformed' });
    expect(await thrown('just a string')).toMatchObject({ kind: 'unavailable', message: 'just a string' });
  });
});
