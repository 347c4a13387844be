import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelServer } from '../serve.ts';
import { parrot, post, QUESTION, startMessages } from './messages.fixture.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startMessages(parrot({ text: 'Yes.' }));
});
afterAll(() => server.close());

const use = (id: string) => ({ type: 'tool_use', id, name: 'find', input: { q: 'x' } });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'R' });
const text = (words: string) => ({ type: 'text', text: words });
const user = (...content: unknown[]) => ({ role: 'user', content });
const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
const Q = user(text('Q'));

const UNANSWERED = '`tool_use` ids were found without `tool_result` blocks immediately after';
const UNEXPECTED = 'unexpected `tool_use_id` found in `tool_result` blocks';

describe('a conversation', () => {
  it.each([
    [
      'with all results of one answer in the next turn',
      [Q, assistant(use('a'), use('b')), user(result('b'), result('a'))],
    ],
    ['with text behind the results', [Q, assistant(use('a')), user(result('a'), text('Go on.'))]],
    ['with a failed result', [Q, assistant(use('a')), user({ ...result('a'), is_error: true })]],
    ['with results in blocks', [Q, assistant(use('a')), user({ ...result('a'), content: [text('R')] })]],
    ['with two turns of the user behind each other', [Q, user(text('And this?'))]],
  ])('is taken %s', async (_, messages) => {
    expect((await post(server, { ...QUESTION, messages })).error).toBeUndefined();
  });

  it.each([
    ['a call has no result', [Q, assistant(use('a')), user(text('Go on.'))], UNANSWERED],
    ['one call of two has no result', [Q, assistant(use('a'), use('b')), user(result('a'))], UNANSWERED],
    ['a result stands behind text', [Q, assistant(use('a')), user(text('Here:'), result('a'))], UNANSWERED],
    [
      'results are spread over two turns',
      [Q, assistant(use('a'), use('b')), user(result('a')), user(result('b'))],
      UNANSWERED,
    ],
    [
      'a result comes twice',
      [Q, assistant(use('a')), user(result('a'), result('a'))],
      'each tool_use must have a single result',
    ],
    [
      'a result comes again later',
      [Q, assistant(use('a')), user(result('a')), assistant(text('Yes.')), user(result('a'))],
      UNEXPECTED,
    ],
    ['a result is of no call', [Q, assistant(use('a')), user(result('a'), result('z'))], UNEXPECTED],
    ['a result opens it', [user(result('a'))], UNEXPECTED],
    ['two calls have one ID', [Q, assistant(use('a'), use('a')), user(result('a'))], '`tool_use` ids must be unique'],
    [
      'an ID has signs that are not allowed',
      [Q, assistant(use('a:b')), user(result('a:b'))],
      'messages.1.content.0.id',
    ],
    [
      'arguments are text',
      [Q, assistant({ ...use('a'), input: '{}' }), user(result('a'))],
      'messages.1.content.0.input',
    ],
    ['a turn is empty', [Q, assistant(), user(text('Go on.'))], 'all messages must have non-empty content'],
    ['a text is empty', [Q, assistant(text('')), user(text('Go on.'))], 'text content blocks must be non-empty'],
    ['a text is blank', [user(text(' \n'))], 'text content blocks must contain non-whitespace text'],
    ['the assistant opens it', [assistant(text('Hello.')), Q], 'first message must use the "user" role'],
    ['a turn is of the system', [{ role: 'system', content: 'S' }, Q], 'messages.0.role'],
  ])('is refused when %s', async (_, messages, message) => {
    const got = await post(server, { ...QUESTION, messages });
    expect(got.status).toBe(400);
    expect(got.error?.message).toContain(message);
  });
});

describe('an answer that pauses', () => {
  it('is gone on with when it comes back as it is, and not when it was changed', async () => {
    const own = await startMessages(parrot({ text: 'Let me see.', thinking: 'Hm.', stop: 'pause' }, { text: 'Yes.' }));
    const paused = await post(own, QUESTION);
    expect(paused.body['stop_reason']).toBe('pause_turn');
    const content = paused.body['content'] as Record<string, unknown>[];
    const goOn = (back: unknown[]) => post(own, { ...QUESTION, messages: [...QUESTION.messages, assistant(...back)] });
    expect((await goOn([...content.slice(0, -1), text('Changed.')])).error?.message).toContain('prefill');
    const gone = await goOn(content);
    expect(gone.body['stop_reason']).toBe('end_turn');
    const whole = assistant(...content, ...(gone.body['content'] as unknown[]));
    const next = await post(own, { ...QUESTION, messages: [...QUESTION.messages, whole, user(text('And?'))] });
    expect(next.error).toBeUndefined();
    await own.close();
  });
});
