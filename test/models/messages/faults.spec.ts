import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { competent } from '../characters/competent.ts';
import type { FaultInput } from '../faults.ts';
import type { ModelServer } from '../serve.ts';
import { CALL, clientOf, parrot, post, QUESTION, startMessages } from './messages.fixture.ts';

let server: ModelServer;
afterEach(() => server.close());

const always = (fault: NonNullable<FaultInput['rules']>[number]['fault']): FaultInput => ({
  rules: [{ fault, when: 'all' }],
});
const streamed = () => clientOf(server).messages.stream(QUESTION).finalMessage();
const failureOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a failing service', () => {
  it.each([
    ['rate_limited', 429, 'rate_limit_error', Anthropic.RateLimitError],
    ['spent', 429, 'rate_limit_error', Anthropic.RateLimitError],
    ['usage_limit', 400, 'invalid_request_error', Anthropic.BadRequestError],
    ['server_error', 500, 'api_error', Anthropic.InternalServerError],
    ['overloaded', 529, 'overloaded_error', Anthropic.InternalServerError],
    ['wrong_key', 401, 'authentication_error', Anthropic.AuthenticationError],
    ['forbidden', 403, 'permission_error', Anthropic.PermissionDeniedError],
  ] as const)('says %s as the real one does', async (fault, status, type, kind) => {
    server = await startMessages(competent, always(fault));
    const error = await failureOf(streamed());
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, error: { error: { type } } });
  });

  it('says how long to wait, and of a spent limit does not', async () => {
    server = await startMessages(competent, { rules: [{ fault: 'rate_limited', when: 'all', retryAfterSeconds: 7 }] });
    expect((await post(server, QUESTION)).headers.get('retry-after')).toBe('7');
    server.setFaults(always('spent'));
    const spent = await post(server, QUESTION);
    expect(spent.headers.get('retry-after')).toBeNull();
    expect(spent.error?.details).toEqual({ error_code: 'enforced_spend_limit_reached' });
    server.setFaults(always('usage_limit'));
    expect((await post(server, QUESTION)).error?.message).toContain('You have reached your specified API usage limits');
  });

  it('closes the connection before an answer, or in its middle', async () => {
    server = await startMessages(parrot({ text: 'x'.repeat(500) }), always('reset'));
    expect(await failureOf(streamed())).toBeInstanceOf(Anthropic.APIConnectionError);
    server.setFaults(always('cut'));
    const texts: string[] = [];
    const stream = clientOf(server).messages.stream(QUESTION);
    stream.on('text', (text) => texts.push(text));
    expect(await failureOf(stream.finalMessage())).toBeInstanceOf(Error);
    expect(texts.length).toBeGreaterThan(0);
    expect(await failureOf(post(server, QUESTION))).toBeInstanceOf(Error);
    expect(server.requests().faults).toEqual({ reset: 1, cut: 2 });
  });

  it('tells of an error after it said that all is well', async () => {
    server = await startMessages(parrot({ text: 'x'.repeat(500) }), always('error_event'));
    const error = await failureOf(streamed());
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ status: undefined, type: 'overloaded_error' });
  });

  it('streams what is no JSON', async () => {
    server = await startMessages(parrot({ text: 'x'.repeat(500) }), always('malformed_json'));
    expect(await failureOf(streamed())).toBeInstanceOf(Error);
    expect(await failureOf(post(server, QUESTION))).toBeInstanceOf(SyntaxError);
  });

  it.each(['hang', 'hang_midway'] as const)(
    'never ends by itself when it does %s, and sees that the client left',
    async (fault) => {
      server = await startMessages(parrot({ text: 'x'.repeat(500) }), always(fault));
      const stream = clientOf(server).messages.stream(QUESTION);
      await expect.poll(() => server.requests().active).toBe(1);
      stream.abort();
      expect(await failureOf(stream.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError);
      await expect.poll(() => server.requests().fates.aborted).toBe(1);
      expect(server.requests().active).toBe(0);
    },
  );
});

describe('a model that misbehaves', () => {
  const CALLS = { thinking: 'Hm.', text: 'I look for it, wherever it may be hidden.', calls: [CALL] };

  it.each([
    ['wrong_arguments', { stop_reason: 'tool_use', content: [{ type: 'tool_use', input: { unexpected: [1] } }] }],
    ['no_call', { stop_reason: 'end_turn', content: [{ type: 'text' }] }],
    ['empty', { stop_reason: 'end_turn', content: [] }],
    ['refusal', { stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'bio' }, content: [] }],
    ['pause', { stop_reason: 'pause_turn', content: [{ type: 'text' }] }],
  ] as const)('does %s', async (fault, expected) => {
    server = await startMessages(parrot({ calls: [CALL] }), always(fault));
    expect(await streamed()).toMatchObject(expected);
  });

  it.each([
    ['length', 'max_tokens'],
    ['context', 'model_context_window_exceeded'],
  ] as const)('is cut by %s in the middle of a call', async (fault, reason) => {
    server = await startMessages(parrot(CALLS), always(fault));
    const message = await streamed();
    expect(message.stop_reason).toBe(reason);
    expect(message.content.at(-1)).toMatchObject({ type: 'tool_use', name: 'find' });
    expect(message.content.at(-1)).not.toMatchObject({ input: { q: 'x' } });
  });

  it('makes nine calls at once', async () => {
    server = await startMessages(parrot(CALLS), always('nine_calls'));
    const calls = (await streamed()).content.filter(({ type }) => type === 'tool_use');
    expect(calls).toHaveLength(9);
    expect(new Set(calls.map((call) => 'id' in call && call.id)).size).toBe(9);
  });
});

describe('what goes wrong', () => {
  const statuses = async (count: number) => {
    const got: number[] = [];
    for (let n = 0; n < count; n += 1) got.push((await post(server, QUESTION)).status);
    return got;
  };

  it('is so for the next requests', async () => {
    server = await startMessages(competent, { rules: [{ fault: 'overloaded', when: { next: 2 } }] });
    expect(await statuses(4)).toEqual([529, 529, 200, 200]);
  });

  it('is so for each third', async () => {
    server = await startMessages(competent, { rules: [{ fault: 'server_error', when: { every: 3 } }] });
    expect(await statuses(6)).toEqual([200, 200, 500, 200, 200, 500]);
  });

  it('is so for one model', async () => {
    server = await startMessages(competent, {
      rules: [{ fault: 'overloaded', when: 'all', model: 'claude-opus-5-5' }],
    });
    expect((await post(server, { ...QUESTION, model: 'claude-opus-5-5' })).status).toBe(529);
    expect(await statuses(1)).toEqual([200]);
  });

  it('does not hide that a request is wrong, nor is it used up by one', async () => {
    server = await startMessages(competent, { rules: [{ fault: 'overloaded', when: { next: 1 } }] });
    expect((await post(server, { ...QUESTION, extra: 1 })).status).toBe(400);
    expect(await statuses(2)).toEqual([529, 200]);
  });

  it('is told by the limits in the headers too', async () => {
    const limits = { requestsPerMinute: 50, requestsLeft: 49, tokensPerMinute: 9_000, tokensLeft: 8_000 };
    server = await startMessages(competent, { limits });
    const { headers } = await post(server, QUESTION);
    expect(headers.get('anthropic-ratelimit-requests-limit')).toBe('50');
    expect(headers.get('anthropic-ratelimit-tokens-remaining')).toBe('8000');
    expect(Date.parse(headers.get('anthropic-ratelimit-tokens-reset') ?? '')).not.toBeNaN();
  });
});
