import { fc, test } from '@fast-check/vitest';
import type { ToolOffer, Turn } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import type { Call } from '../provider.ts';
import { questionOf, SEARCH, TWO_CALLS_ANSWERED } from '../question.fixture.ts';
import { callOf, modelOf } from './asked.fixture.ts';
import { dispensableIn, toRequest } from './request.ts';
import { STRICT_OPTIONAL_MAX, STRICT_UNIONS_MAX } from './tools.ts';

const requestOf = (different: Partial<Call> = {}) => toRequest(callOf(different), 'anthropic');
const ONLY = questionOf({ only: 'submit_findings' });

describe('a request', () => {
  it('holds the prompt, the tools, and how much may be written', () => {
    expect(requestOf({ model: modelOf({ cacheMarkers: false, strictSchema: 'none' }) })).toEqual({
      model: 'claude-test-1',
      max_tokens: 4_000,
      tools: [
        { name: SEARCH.name, description: SEARCH.description, input_schema: SEARCH.parameters },
        expect.objectContaining({ name: 'submit_findings' }),
      ],
      system: [{ type: 'text', text: 'You are a researcher.' }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'What keeps the log?' }] }],
      tool_choice: { type: 'any' },
      thinking: { type: 'disabled' },
    });
  });

  it('leaves out what there is none of', () => {
    const question = questionOf({ tools: [], system: '', mustCall: false });
    expect(Object.keys(requestOf({ question, model: modelOf({ cacheMarkers: false }) })).toSorted()).toEqual([
      'max_tokens',
      'messages',
      'model',
    ]);
  });

  it.each([
    ['any call', {}, { tool_choice: { type: 'any' }, thinking: { type: 'disabled' } }],
    [
      'the one tool',
      { question: ONLY },
      { tool_choice: { type: 'tool', name: 'submit_findings' }, thinking: { type: 'disabled' } },
    ],
    [
      'nothing where no call is needed',
      { question: questionOf({ mustCall: false }) },
      { tool_choice: { type: 'auto' } },
    ],
    ['nothing where that is refused', { model: modelOf({ forcedCall: false }) }, { tool_choice: { type: 'auto' } }],
    [
      'nothing where thinking cannot be switched off',
      { without: new Set(['thinking']) },
      { tool_choice: { type: 'auto' } },
    ],
    [
      'a call without a word of thinking where there is none',
      { model: modelOf({ thinking: 'never' }) },
      { tool_choice: { type: 'any' } },
    ],
    ['nothing at all without the parameter', { without: new Set(['tool_choice']) }, {}],
  ])('forces %s', (_, different, choice) => {
    const { tool_choice: tool, thinking } = requestOf(different);
    expect({ ...(tool && { tool_choice: tool }), ...(thinking && { thinking }) }).toEqual(choice);
  });

  it.each([
    ['low', {}, 'low'],
    ['max', {}, 'high'],
    ['max', { model: modelOf({ thinking: 'always' }) }, 'max'],
    ['none', {}, undefined],
    ['high', { without: new Set(['output_config']) }, undefined],
    [undefined, {}, undefined],
  ] as const)('asks for the effort %s', (effort, different, sent) => {
    expect(requestOf({ effort, ...different }).output_config?.effort).toBe(sent);
  });

  it('names what it could do without, and nothing that it does not hold', () => {
    expect([...dispensableIn(requestOf({ effort: 'low' }))].toSorted()).toEqual([
      'cache_control',
      'output_config',
      'strict',
      'thinking',
      'tool_choice',
    ]);
    const without = new Set(['cache_control', 'output_config', 'strict', 'thinking', 'tool_choice']);
    const bare = requestOf({ effort: 'low', without });
    expect([...dispensableIn(bare)]).toEqual([]);
    expect(JSON.stringify(bare)).not.toMatch(/cache_control|strict|effort/);
  });
});

describe('the beginning of a request', () => {
  const SENTENCES: Turn[] = [
    { role: 'user', text: 'And now?' },
    ...TWO_CALLS_ANSWERED,
    { role: 'user', text: 'Hand in.' },
  ];
  const marks = (request: unknown) => JSON.stringify(request).match(/"cache_control"/g)?.length ?? 0;

  it('is marked behind what all requests of a role share, and at its end', () => {
    const { system, cache_control: end } = requestOf();
    expect(system).toEqual([expect.objectContaining({ cache_control: { type: 'ephemeral' } })]);
    expect(end).toEqual({ type: 'ephemeral' });
    expect(marks(requestOf())).toBe(2);
    const { tools } = requestOf({ question: questionOf({ system: '' }) });
    expect(tools?.map((tool) => 'cache_control' in tool)).toEqual([false, true]);
  });

  test.prop([
    fc.integer({ min: 0, max: SENTENCES.length }),
    fc.constantFrom(undefined, 'submit_findings'),
    fc.boolean(),
    fc.constantFrom('low', 'high', undefined),
    fc.integer({ min: 1, max: 9_000 }),
  ])('is the same however a conversation goes on', (length, only, mustCall, effort, outputTokensMax) => {
    const first = requestOf();
    const question = questionOf({
      turns: [...questionOf().turns, ...TWO_CALLS_ANSWERED, ...SENTENCES.slice(0, length)],
      mustCall,
      ...(only !== undefined && { only }),
    });
    const later = requestOf({ question, effort, outputTokensMax });
    expect(JSON.stringify([later.tools, later.system])).toBe(JSON.stringify([first.tools, first.system]));
    expect(JSON.stringify(later.messages[0])).toBe(JSON.stringify(first.messages[0]));
    expect(Object.keys(later).slice(2, 5)).toEqual(['tools', 'system', 'messages']);
    expect(marks(later)).toBe(2);
  });
});

describe('strict tools', () => {
  const offer = (index: number, optional = 0): ToolOffer => ({
    name: `tool_${index}`,
    description: '',
    parameters: {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: optional }, (_, at) => [`p${at}`, { type: 'string' }])),
      required: [],
      additionalProperties: false,
    },
  });
  const strictOf = (tools: ToolOffer[], model = modelOf()) =>
    requestOf({ question: questionOf({ tools }), model }).tools?.map(
      (tool) => 'strict' in tool && tool.strict === true,
    );

  it('are no more than the model takes, from the first one on', () => {
    const tools = [offer(0), offer(1), offer(2)];
    expect(strictOf(tools, modelOf({ strictToolsMax: 2 }))).toEqual([true, true, false]);
    expect(strictOf(tools, modelOf({ strictSchema: 'none' }))).toEqual([false, false, false]);
  });

  it('are those that can be written in the subset; the others are offered as they are', () => {
    const open = { name: 'open', description: '', parameters: { type: 'object', additionalProperties: true } };
    expect(strictOf([open, offer(0)])).toEqual([false, true]);
    expect(requestOf({ question: questionOf({ tools: [open] }) }).tools).toMatchObject([
      { input_schema: { type: 'object', additionalProperties: true } },
    ]);
  });

  it('have no more parameters that may be left out than one request may, all tools together', () => {
    const most = Math.min(STRICT_OPTIONAL_MAX, STRICT_UNIONS_MAX);
    expect(strictOf([offer(0, most), offer(1)])).toEqual([true, true]);
    expect(strictOf([offer(0, most), offer(1, 1), offer(2)])).toEqual([true, false, true]);
  });
});
