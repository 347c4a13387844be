import { afterEach, describe, expect, it } from 'vitest';
import type { ModelServer } from '../serve.ts';
import { CALL, clientOf, FIND, parrot, post, QUESTION, resultsOf, startMessages, turnOf } from './messages.fixture.ts';

let server: ModelServer;
afterEach(() => server.close());

const THINKING_CALL = { thinking: 'I look for it. '.repeat(20), calls: [CALL] };
const ANSWER = { text: 'It is x.' };

describe('a question to the Messages server', () => {
  it('is answered with thinking and a call, and after its result with a text, over a stream', async () => {
    server = await startMessages(parrot(THINKING_CALL, ANSWER));
    const client = clientOf(server);
    const first = await client.messages.stream(QUESTION).finalMessage();
    expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use']);
    expect(first.stop_reason).toBe('tool_use');
    const call = first.content.find((block) => block.type === 'tool_use');
    expect(call).toMatchObject({ name: 'find', input: { q: 'x' } });
    const second = await client.messages
      .stream({
        ...QUESTION,
        messages: [
          ...QUESTION.messages,
          { role: 'assistant', content: first.content },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'R' }] },
        ],
      })
      .finalMessage();
    expect(second.content).toEqual([{ type: 'text', text: 'It is x.', citations: null }]);
    expect(second.stop_reason).toBe('end_turn');
  });

  it('is answered in one piece if no stream is asked for', async () => {
    server = await startMessages(parrot(THINKING_CALL, ANSWER));
    const first = await post(server, QUESTION);
    const turn = turnOf(first);
    expect(turn.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use']);
    const second = await post(server, { ...QUESTION, messages: [...QUESTION.messages, turn, resultsOf(turn)] });
    expect(second).toMatchObject({ status: 200, body: { stop_reason: 'end_turn' } });
  });

  it('streams text in pieces that make up the whole', async () => {
    const text = 'Many words, one after the other. '.repeat(12).trim();
    server = await startMessages(parrot({ text }));
    const deltas: string[] = [];
    const stream = clientOf(server).messages.stream(QUESTION);
    stream.on('text', (delta) => deltas.push(delta));
    await stream.done();
    expect(deltas.length).toBeGreaterThan(3);
    expect(deltas.join('')).toBe(text);
  });

  it('reaches the character in neutral form', async () => {
    const character = parrot({ calls: [CALL] }, ANSWER);
    server = await startMessages(character);
    const turn = turnOf(await post(server, { ...QUESTION, system: 'S' }));
    await post(server, { ...QUESTION, system: 'S', messages: [...QUESTION.messages, turn, resultsOf(turn)] });
    const id = turn.content[0]?.['id'];
    expect(character.heard[1]).toMatchObject({
      system: 'S',
      messages: [
        { role: 'user', text: 'Q' },
        { role: 'assistant', text: '', calls: [{ id, name: 'find', arguments: { q: 'x' } }] },
        { role: 'result', callId: id, text: 'R', failed: false },
      ],
      tools: [{ name: 'find', parameters: FIND.input_schema, strict: true }],
      choice: 'auto',
      effort: 'high',
    });
  });

  it('has its tokens counted for nothing, and is refused there as it would be when asked', async () => {
    server = await startMessages(parrot(ANSWER));
    const { max_tokens: _, ...counted } = QUESTION;
    const path = '/v1/messages/count_tokens';
    const count = await clientOf(server).messages.countTokens(counted);
    const answered = await post(server, QUESTION);
    expect(answered.body['usage']).toMatchObject({ input_tokens: count.input_tokens });
    expect((await post(server, { ...counted, tool_choice: { type: 'any' } }, { path })).status).toBe(400);
    expect((await post(server, QUESTION, { path })).error?.message).toBe('max_tokens: Extra inputs are not permitted');
  });
});
