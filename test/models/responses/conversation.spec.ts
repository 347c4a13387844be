import type OpenAI from 'openai';
import type { Response, ResponseInputItem } from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import { asInput, asking, given, refusalOf } from './responses.fixture.ts';

const USER: ResponseInputItem = { role: 'user', content: 'cats dogs' };
const result = (callId: string): ResponseInputItem => ({ type: 'function_call_output', call_id: callId, output: 'R' });

/** The output of the first answer, which has reasoning and two calls, and the results of these. */
async function begun(client: OpenAI, more: Parameters<typeof asking>[0] = {}) {
  const response = await client.responses.create(asking({ input: [USER], ...more }));
  const [reasoning, first, second] = response.output;
  if (reasoning?.type !== 'reasoning' || first?.type !== 'function_call' || second?.type !== 'function_call') {
    throw new Error('there is no reasoning with two calls');
  }
  return {
    response,
    output: asInput(response.output),
    reasoning,
    first,
    second,
    results: [result(first.call_id), result(second.call_id)],
  };
}
type Begun = Awaited<ReturnType<typeof begun>>;

const textOf = (response: Response) => response.output_text;

describe('the input of a Responses server', () => {
  it('goes on when all that was put out comes back with a result for each call', async () => {
    const { client } = await given();
    const { output, results } = await begun(client);
    const input: ResponseInputItem[] = [USER, ...output, ...results];
    const second = await client.responses.create(asking({ input, tool_choice: 'auto' }));
    expect(textOf(second)).toBe('Found — “R” 🔎.');
    const third: ResponseInputItem[] = [...input, ...asInput(second.output), { role: 'user', content: 'birds' }];
    expect((await client.responses.create(asking({ input: third }))).output.map(({ type }) => type)).toEqual([
      'reasoning',
      'function_call',
    ]);
  });

  it('goes on without reasoning when calls and texts come without their IDs too', async () => {
    const { client } = await given();
    const { first, second, results } = await begun(client);
    const calls = [first, second].map(({ id: _id, ...call }) => call);
    const input: ResponseInputItem[] = [USER, ...calls, ...results];
    expect(textOf(await client.responses.create(asking({ input, tool_choice: 'auto' })))).toContain('Found');
  });

  it.each<[what: string, input: (one: Begun) => ResponseInputItem[], message: string]>([
    [
      'calls without their reasoning',
      ({ first, second, results }) => [first, second, ...results],
      "without its required 'reasoning' item",
    ],
    ['reasoning without what followed', ({ reasoning }) => [reasoning, USER], 'without its required following item'],
    ['reasoning at the end', ({ reasoning }) => [reasoning], 'without its required following item'],
    [
      'reasoning with another summary',
      ({ reasoning, first, second, results }) => [
        { ...reasoning, summary: [{ type: 'summary_text', text: 'x' }] },
        first,
        second,
        ...results,
      ],
      'could not be verified',
    ],
    [
      'reasoning whose encrypted content was edited',
      ({ reasoning, first, second, results }) => [
        { ...reasoning, encrypted_content: `${reasoning.encrypted_content}x` },
        first,
        second,
        ...results,
      ],
      'could not be verified',
    ],
    [
      'reasoning under another ID',
      ({ reasoning, first, second, results }) => [{ ...reasoning, id: 'rs_1' }, first, second, ...results],
      'could not be verified',
    ],
    [
      'a call without its result',
      ({ output, results }) => [...output, ...results.slice(1)],
      'No tool output found for function call call_',
    ],
    ['calls without results', ({ output }) => output, 'No tool output found for function call call_'],
    [
      'results after more text',
      ({ output, results }) => [...output, USER, ...results],
      'No tool output found for function call call_',
    ],
    [
      'results before the other call',
      ({ reasoning, first, second, results }) => [
        reasoning,
        first,
        second,
        ...results.slice(0, 1),
        { role: 'assistant', content: 'So.' },
        ...results.slice(1),
      ],
      'No tool output found for function call call_',
    ],
    [
      'a result of no call',
      ({ output, results }) => [...output, ...results, result('call_x')],
      'No tool call found for function call output with call_id call_x',
    ],
    [
      'a result before its call',
      ({ output, results }) => [...results, ...output],
      'No tool call found for function call output',
    ],
    ['a result twice', ({ output, results }) => [...output, ...results, ...results], 'Duplicate function call output'],
    ['an item twice', ({ output, results }) => [...output, ...results, ...output], 'Duplicate item found with id rs_'],
    [
      'a call twice',
      ({ first, results }) =>
        [{ ...first, id: undefined }, { ...first, id: undefined }, ...results].map((one) =>
          JSON.parse(JSON.stringify(one)),
        ),
      'Duplicate function call with call_id',
    ],
    [
      'the word of the assistant at the end',
      () => [USER, { role: 'assistant', content: 'I say' }],
      'must not be from the assistant',
    ],
  ])('is refused with %s', async (_what, input, message) => {
    const { client } = await given();
    const refused = await refusalOf(
      client.responses.create(
        asking({ input: [{ role: 'user', content: 'cats dogs' }, ...input(await begun(client))] }),
      ),
    );
    expect(refused).toMatchObject({ status: 400, message: expect.stringContaining(message) });
  });

  it('is refused when a call has an object for its arguments', async () => {
    const { post } = await given();
    const input = [USER, { type: 'function_call', call_id: 'call_1', name: 'find', arguments: {} }, result('call_1')];
    expect(await post({ ...asking(), input })).toMatchObject({
      status: 400,
      body: {
        error: {
          param: 'input[1].arguments',
          message: "Invalid type for 'input[1].arguments': expected a string, but got an object instead.",
        },
      },
    });
  });

  it.each(['call_1', 'toolu_1'])('is refused when a call has the ID %s', async (id) => {
    const { post } = await given();
    const input = [
      USER,
      { type: 'function_call', id, call_id: 'call_1', name: 'find', arguments: '{}' },
      result('call_1'),
    ];
    expect(await post({ ...asking(), input })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining("begins with 'fc'") } },
    });
  });

  it('is refused when reasoning comes from another model', async () => {
    const { client } = await given();
    const { output, results } = await begun(client);
    const input: ResponseInputItem[] = [USER, ...output, ...results];
    const refused = await refusalOf(client.responses.create(asking({ model: 'gpt-6.1-sol', input })));
    expect(refused).toMatchObject({ status: 400, code: 'invalid_encrypted_content' });
  });

  it('is refused when it only names what was not stored', async () => {
    const { client } = await given();
    const { reasoning, first, second, results } = await begun(client, { include: [] });
    expect(reasoning.encrypted_content).toBeUndefined();
    const named: ResponseInputItem = { type: 'item_reference', id: first.id ?? '' };
    for (const input of [
      [reasoning, first, second, ...results],
      [named, ...results],
    ]) {
      const refused = await refusalOf(client.responses.create(asking({ input: [USER, ...input] })));
      expect(refused).toMatchObject({
        status: 404,
        message: expect.stringContaining('Items are not persisted when `store` is set to false'),
      });
    }
  });

  it('may name what was stored, which is what happens unless a request says otherwise', async () => {
    const { client } = await given();
    const { response, reasoning, results } = await begun(client, { store: null, include: [] });
    expect(reasoning.encrypted_content).toBeUndefined();
    const named = response.output.map(({ id }): ResponseInputItem => ({ type: 'item_reference', id: id ?? '' }));
    const again = await client.responses.create(asking({ input: [USER, ...named, ...results], tool_choice: 'auto' }));
    expect(textOf(again)).toContain('Found');
    const after = await client.responses.create(
      asking({ input: results, previous_response_id: response.id, tool_choice: 'auto' }),
    );
    expect(textOf(after)).toContain('Found');
  });

  it('stores nothing of who asked it not to', async () => {
    const { client } = await given();
    const { response, results } = await begun(client);
    const after = asking({ input: results, previous_response_id: response.id });
    expect(await refusalOf(client.responses.create(after))).toMatchObject({ code: 'previous_response_not_found' });
  });
});
