import { fc, test } from '@fast-check/vitest';
import { Echo, ECHO_CHARS_MAX, ECHO_PARTS_MAX } from '@troupe/contract';
import type { ToolCall, Turn } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { questionOf, SEARCH } from '../question.fixture.ts';
import { toOutcome } from './answer.ts';
import { callOf, modelOf, replied } from './asked.fixture.ts';
import { Block } from './content.ts';
import { ECHO_NESTING_MAX, fromEcho, toEcho } from './echo.ts';
import { toRequest } from './request.ts';

type AssistantTurn = Extract<Turn, { role: 'assistant' }>;

const FROM = { provider: 'anthropic', model: 'claude-test-1' };
const blocksOf = (...blocks: unknown[]) => Block.array().parse(blocks);
const thinkingOf = (thinking: string) => ({ type: 'thinking', thinking, signature: 's' });

/** What the request after the next says that this answer was, once it has been in the log. */
function sentBack(content: Block[]) {
  const call = callOf();
  const message = {
    ok: true as const,
    model: 'm',
    content,
    stop: 'tool_use',
    usage: { inputTokens: 1, outputTokens: 1 },
  };
  const { text, toolCalls, echo } = replied(toOutcome(message, call, 'anthropic', 'key'));
  const turn: AssistantTurn = { role: 'assistant', text, toolCalls, ...(echo && { echo }) };
  const logged: AssistantTurn = JSON.parse(JSON.stringify(turn));
  const question = questionOf({ turns: [...questionOf().turns, logged, { role: 'user', text: 'Well?' }] });
  return toRequest({ ...call, question }, 'anthropic').messages[1]?.content;
}

const words = fc.string({ unit: 'binary', maxLength: 20 });
/** JSON as a service may send it; a key of that name is refused by the contract. */
const anyValue = fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
const fields = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), anyValue, { maxKeys: 3 });

/** The same fields in any order. */
const shuffled = <Value extends object>(values: fc.Arbitrary<Value>) =>
  values.chain((value) =>
    fc
      .shuffledSubarray(Object.entries(value), { minLength: Object.keys(value).length })
      .map((entries): object => Object.fromEntries(entries)),
  );

const text = shuffled(
  fc.record({ type: fc.constant('text'), text: words, citations: anyValue }, { requiredKeys: ['type', 'text'] }),
);
const toolUse = (index: number) =>
  shuffled(
    fc.record(
      {
        type: fc.constant('tool_use'),
        id: fc.constant(`toolu_${index}`),
        name: fc.constantFrom(SEARCH.name, 'some_tool'),
        // An offered tool's optional parameters may be null, which the answer leaves out.
        input: fc.oneof(fields, fc.constant({ query: 'log', limit: null })),
        caller: anyValue,
      },
      { requiredKeys: ['type', 'id', 'name', 'input'] },
    ),
  );
const opaque = shuffled(
  fc.tuple(fc.constantFrom('thinking', 'redacted_thinking'), fields).map(([type, rest]) => ({
    ...rest,
    type,
  })),
);
const content = fc
  .array(fc.oneof(text, toolUse(0), opaque), { minLength: 1, maxLength: 8 })
  .map((blocks) =>
    blocks.map((block, index) => ('id' in block && 'input' in block ? { ...block, id: `toolu_${index}` } : block)),
  );

describe('an echo of whoever asks', () => {
  it.each([
    { kind: 'opaque', block: { type: 'document', source: { type: 'url', url: 'http://10.0.0.1/' } } },
    { kind: 'opaque', block: { type: 'container_upload', file_id: 'file_of_somebody_else' } },
    { kind: 'text', chars: 0, extra: { type: 'image', source: { type: 'file', file_id: 'file_x' } } },
  ])('is left out as a whole if it holds what no model writes: $kind, $block.type', (part) => {
    const echo = Echo.parse({ ...FROM, parts: [part, { kind: 'text', chars: 2 }] });
    expect(fromEcho({ role: 'assistant', text: 'hi', toolCalls: [], echo })).toBeUndefined();
  });

  it('is left out as a whole if a call is something else', () => {
    const toolCalls: ToolCall[] = [{ id: 't', name: SEARCH.name, arguments: {} }];
    const echo = Echo.parse({ ...FROM, parts: [{ kind: 'call', call: 0, extra: { type: 'server_tool_use' } }] });
    expect(fromEcho({ role: 'assistant', text: '', toolCalls, echo })).toBeUndefined();
  });
});

describe('an answer that holds more than text and calls', () => {
  test.prop([content, opaque, toolUse(99)])('comes back byte by byte', (blocks, thought, use) => {
    const whole = blocksOf(thought, ...blocks, use);
    // Blank texts are refused, though models write them.
    const said = whole.filter((block) => block.type !== 'text' || block.text.trim() !== '');
    expect(JSON.stringify(sentBack(whole))).toBe(JSON.stringify(said));
  });

  it('keeps what the model wrote where its arguments were mended for their tool', () => {
    const properties = { query: { type: 'string' }, limit: { type: 'integer' } };
    const input = { query: 'log', limit: null };
    const whole = blocksOf(thinkingOf('hm'), { type: 'tool_use', id: 't', name: SEARCH.name, input });
    const call = callOf({
      question: questionOf({ tools: [{ ...SEARCH, parameters: { ...SEARCH.parameters, properties } }] }),
    });
    const message = {
      ok: true as const,
      model: 'm',
      content: whole,
      stop: 'tool_use',
      usage: { inputTokens: 1, outputTokens: 1 },
    };
    const { toolCalls, echo } = replied(toOutcome(message, call, 'anthropic', 'key'));
    expect(toolCalls[0]?.arguments).toEqual({ query: 'log' });
    expect(fromEcho({ role: 'assistant', text: '', toolCalls, ...(echo && { echo }) })).toEqual(whole);
  });

  it('has no echo when there is nothing but text and calls', () => {
    const use = { type: 'tool_use', id: 't', name: 'n', input: {} };
    const call = { id: 't', name: 'n', arguments: {} };
    expect(toEcho(blocksOf({ type: 'text', text: 'x' }, use), [call], FROM)).toBeUndefined();
  });
});

describe('an echo over its bounds', () => {
  const lost = { ...FROM, parts: [] };
  const sizeOf = (value: unknown): number => JSON.stringify(value).length;
  const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });

  it.each([
    ['characters', blocksOf(thinkingOf('x'.repeat(ECHO_CHARS_MAX)))],
    ['parts', blocksOf(...Array.from({ length: ECHO_PARTS_MAX + 1 }, () => thinkingOf('x')))],
    ['levels', blocksOf({ type: 'new', deep: nested(ECHO_NESTING_MAX) })],
    ['half characters', blocksOf(thinkingOf('\ud83d'))],
  ])('has no parts: too many %s', (_, blocks) => {
    const echo = toEcho(blocks, [], FROM);
    expect(echo).toEqual(lost);
    expect(Echo.safeParse(echo).success).toBe(true);
  });

  it.each([
    ['characters', blocksOf(thinkingOf('x'.repeat(ECHO_CHARS_MAX - 200)))],
    ['parts', blocksOf(...Array.from({ length: ECHO_PARTS_MAX }, () => thinkingOf('x')))],
    ['levels', blocksOf({ type: 'new', deep: nested(ECHO_NESTING_MAX - 4) })],
    ['escapes of half characters that are none', blocksOf(thinkingOf('\\ud83d and \u{1f600}'))],
  ])('is not one with as many %s as may be', (_, blocks) => {
    const echo = toEcho(blocks, [], FROM);
    expect(echo?.parts).toHaveLength(blocks.length);
    expect(Echo.safeParse(echo).success).toBe(true);
    expect(sizeOf(echo)).toBeGreaterThan(0);
  });
});

describe('an echo that does not fit its turn', () => {
  const calls: ToolCall[] = [{ id: 't', name: 'n', arguments: {} }];
  const opaquePart = { kind: 'opaque' as const, block: thinkingOf('hm') };
  const callPart = (call: number) => ({ kind: 'call' as const, call });
  const textPart = (chars: number) => ({ kind: 'text' as const, chars });
  const turnOf = (parts: Echo['parts']): AssistantTurn => ({
    role: 'assistant',
    text: 'said',
    toolCalls: calls,
    echo: { ...FROM, parts },
  });

  it('fits when it points at all of the text and at each call once', () => {
    expect(fromEcho(turnOf([opaquePart, textPart(4), callPart(0)]))).toHaveLength(3);
  });

  it.each([
    ['part of the text', [opaquePart, textPart(3), callPart(0)]],
    ['more text', [opaquePart, textPart(5), callPart(0)]],
    ['no call', [opaquePart, textPart(4)]],
    ['another call', [opaquePart, textPart(4), callPart(1)]],
    ['a call twice', [opaquePart, textPart(4), callPart(0), callPart(0)]],
    ['a block without a type', [{ kind: 'opaque' as const, block: {} }, textPart(4), callPart(0)]],
  ])('is no echo when it points at %s', (_, parts) => {
    expect(fromEcho(turnOf(parts))).toBeUndefined();
  });

  it('is no echo when it points at one call in place of another', () => {
    const [call] = calls;
    const two = { ...turnOf([textPart(4), callPart(0), callPart(0)]), toolCalls: [...calls, ...(call ? [call] : [])] };
    expect(fromEcho(two)).toBeUndefined();
  });

  it('is passed over: the turn is sent plainly', () => {
    const turns: Turn[] = [{ role: 'user', text: 'Q' }, turnOf([opaquePart, textPart(3), callPart(0)])];
    const call = callOf({ question: questionOf({ turns }), model: modelOf() });
    expect(toRequest(call, 'anthropic').messages[1]?.content).toEqual([
      { type: 'text', text: 'said' },
      { type: 'tool_use', id: 't', name: 'n', input: {} },
    ]);
  });
});
