import { Answered, decode, Echo, encode } from '@troupe/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callOf, modelOf, replied } from '../openai/call.fixture.ts';
import { ECHO_DEPTH_MAX } from '../openai/echo.ts';
import type { Reply } from '../provider.ts';
import { questionOf } from '../question.fixture.ts';
import { toRequest } from './request.ts';
import { callItem, messageItem, REASONING, responseOf } from './response.fixture.ts';
import { toOutcome, WireResponse } from './response.ts';

const call = callOf();

/** What the service says, as a reply. */
function read(output: readonly object[]): Reply {
  // As it comes over the wire.
  const response: unknown = JSON.parse(JSON.stringify(responseOf(output)));
  return replied(toOutcome(WireResponse.parse(response), [], call));
}

/** The log keeps answers as they are encoded, and reads them again after a crash. */
function logged(reply: Reply) {
  const answer = { ...reply, provider: 'openai', costUsd: null };
  return Answered.parse(decode(encode(answer)));
}

function inputAfter(reply: Reply, different: Parameters<typeof callOf>[1] = {}): unknown[] {
  const { text, toolCalls, echo } = logged(reply);
  const turns = [...questionOf().turns, { role: 'assistant' as const, text, toolCalls, ...(echo && { echo }) }];
  const { input } = toRequest(callOf({ turns }, different));
  return Array.isArray(input) ? input.slice(1) : [];
}

/** Texts that the log can keep, and keys that are not in the way of the ones that are given. */
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const scalar = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const key = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 }).map((name) => `x_${name}`);
const extras = fc.dictionary(key, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(key, scalar)), {
  maxKeys: 3,
  noNullPrototype: true,
});
const part = fc.tuple(text, extras).map(([words, more]) => ({ type: 'output_text', text: words, ...more }));
const written = fc.oneof(
  fc.jsonValue().map((query) => JSON.stringify({ query })),
  // As models write: with spaces, escapes, numbers of another form.
  fc.constantFrom('{ "query": "log" }', '{"query":"\\u006cog"}', '{"n":1.0}', '{"b":1,"a":2,"1":3}', ''),
);
const item = fc.oneof(
  fc.tuple(extras, text).map(([more, sealed]) => ({ ...REASONING, encrypted_content: sealed, ...more })),
  fc.tuple(fc.array(part, { maxLength: 3 }), extras).map(([content, more]) => messageItem('', { ...more, content })),
  fc.tuple(written, extras).map(([json, more]) => callItem('search_documents', json, more)),
);
const output = fc
  .array(item, { maxLength: 8 })
  .map((items) => items.map((one, n) => ('call_id' in one ? { ...one, call_id: `call_${n}` } : one)))
  .filter((items) => items.filter((one) => 'call_id' in one).length <= 8);

describe('what an answer wants back', () => {
  it.each<[string, object]>([
    ['a reference', { kind: 'opaque', block: { type: 'item_reference', id: 'rs_of_another_run' } }],
    ['a message', { kind: 'opaque', block: { type: 'message', role: 'developer', content: [] } }],
    ['a message of another role', { kind: 'text', chars: 0, extra: { ...messageItem(''), role: 'developer' } }],
    [
      'a file',
      { kind: 'text', chars: 0, extra: messageItem('', { content: [{ type: 'input_file', file_id: 'file_x' }] }) },
    ],
  ])('is left out as a whole if whoever asks made it %s', (_what, part) => {
    const echo = Echo.parse({
      provider: 'openai',
      model: 'test-model',
      parts: [
        part,
        { kind: 'text', chars: 2, extra: messageItem('', { content: [{ type: 'output_text', text: 2 }] }) },
      ],
    });
    const turns = [...questionOf().turns, { role: 'assistant' as const, text: 'hi', toolCalls: [], echo }];
    const { input } = toRequest(callOf({ turns }));
    expect(Array.isArray(input) && input.slice(1)).toEqual([{ role: 'assistant', content: 'hi' }]);
  });

  it('comes back byte for byte through the log, whatever the service puts into it', () => {
    fc.assert(
      fc.property(output, (items) => {
        const reply = read(items);
        expect(JSON.stringify(inputAfter(reply))).toBe(JSON.stringify(reply.echo ? items : []));
        expect(reply.echo).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  it('goes to the model that said it alone, and only if it is wanted', () => {
    const reply = read([REASONING, messageItem('I search.'), callItem('search_documents', { query: 'log' })]);
    const plain = [
      { role: 'assistant', content: 'I search.' },
      { type: 'function_call', call_id: 'call_1', name: 'search_documents', arguments: '{"query":"log"}' },
    ];
    expect(inputAfter(reply, { echoes: false })).toEqual(plain);
    expect(inputAfter(reply, { model: modelOf({ name: 'another' }) })).toEqual(plain);
    expect(inputAfter(reply, { model: modelOf({ provider: 'another' }) })).toEqual(plain);
  });

  it('is left out where the turn is not the answer any more', () => {
    const reply = read([REASONING, messageItem('I search.'), callItem('search_documents', {})]);
    for (const changed of [{ text: 'I search' }, { toolCalls: [] }]) {
      const input = inputAfter({ ...reply, ...changed });
      expect(JSON.stringify(input)).not.toContain('rs_1');
    }
  });

  it('is left out where another protocol has said it', () => {
    const reply = read([callItem('search_documents', {})]);
    const parts = [{ kind: 'call' as const, call: 0, extra: { extra_content: {} } }];
    const foreign = { ...reply, echo: { provider: 'openai', model: 'test-model', parts } };
    expect(inputAfter(foreign)).toMatchObject([{ type: 'function_call', call_id: 'call_1', arguments: '{}' }]);
  });

  it.each([
    ['a key that the log refuses', JSON.parse('{"__proto__":1}')],
    ['half a character', { sealed: '\ud800' }],
    [
      'more levels than messages have to spare',
      JSON.parse(`${'{"a":'.repeat(ECHO_DEPTH_MAX)}1${'}'.repeat(ECHO_DEPTH_MAX)}`),
    ],
  ])('is left out as a whole if it holds %s', (_what, block) => {
    const reply = read([REASONING, { type: 'odd', block }, messageItem('done')]);
    expect(reply.echo).toBeUndefined();
    expect(inputAfter(reply)).toEqual([{ role: 'assistant', content: 'done' }]);
  });

  it('holds no argument twice: a long draft leaves room for what was thought', () => {
    const items = [REASONING, callItem('submit_draft', { markdown: 'x'.repeat(60_000) })];
    expect(JSON.stringify(inputAfter(read(items)))).toBe(JSON.stringify(items));
  });

  it('holds calls whose nulls were taken out, as the model wrote them', () => {
    const submission = '{"claims":[],"gaps":["nothing"],"extra":null}';
    const parameters = {
      type: 'object',
      properties: { gaps: { type: 'array' }, extra: { type: 'string' } },
      required: ['gaps'],
    };
    const tools = [{ name: 'submit', description: '', parameters }];
    const response = WireResponse.parse(responseOf([callItem('submit', submission)]));
    const reply = replied(toOutcome(response, [], callOf({ tools })));
    expect(reply.toolCalls[0]?.arguments).not.toHaveProperty('extra');
    expect(inputAfter(reply)).toMatchObject([{ arguments: submission }]);
  });
});
