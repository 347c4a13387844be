import { describe, expect, it } from 'vitest';
import { call, type Conversation, utterance } from './character.ts';
import { fitted } from './fitted.ts';
import { obedient } from './obedient.ts';

const schema = {
  type: 'object',
  properties: { q: { type: 'string' }, limit: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
  required: ['q', 'limit'],
  additionalProperties: false,
};
const tool = (name: string, strict = true) => ({ name, description: '', parameters: schema, strict });
const scene = (different: Partial<Conversation> = {}): Conversation => ({
  system: '',
  messages: [{ role: 'user', text: 'Q' }],
  tools: [tool('find'), tool('submit')],
  choice: 'auto',
  parallelCalls: true,
  effort: 'low',
  ...different,
});
const said = utterance({ text: 'Words.', calls: [call('find', { q: 'x', more: 1 }), call('submit', { q: 'y' })] });
const namesOf = (different: Partial<Conversation>, spoken = said) =>
  obedient(spoken, scene(different)).calls.map(({ name }) => name);

describe('a decoder', () => {
  it('makes the arguments of strict tools fit, and leaves others as they are', () => {
    const [strict] = obedient(said, scene()).calls;
    expect(strict?.argumentsJson).toBe('{"q":"x","limit":null}');
    const [loose] = obedient(said, scene({ tools: [tool('find', false)] })).calls;
    expect(loose).toEqual(said.calls[0]);
  });

  it('makes no call where none is allowed, and one after the other where only that is', () => {
    expect(namesOf({ choice: 'none' })).toEqual([]);
    expect(namesOf({ parallelCalls: false })).toEqual(['find']);
  });

  it('makes a call where one is forced, that one alone if it is named', () => {
    const silent = utterance({ text: 'Words.' });
    expect(namesOf({ choice: 'any' }, silent)).toEqual(['find']);
    expect(namesOf({ choice: { name: 'submit' } }, silent)).toEqual(['submit']);
    expect(namesOf({ choice: { name: 'submit' } })).toEqual(['submit']);
    expect(obedient(silent, scene({ choice: 'any' }))).toMatchObject({ stop: 'tools' });
  });

  it('leaves a refusal alone', () => {
    const refusal = utterance({ stop: 'refusal' });
    expect(obedient(refusal, scene({ choice: 'any' }))).toEqual(refusal);
  });
});

describe('a value that has to fit a schema', () => {
  it.each([
    ['gets what is required', {}, { q: 'unknown', limit: null }],
    ['loses what is unknown', { q: 'a', z: 1, limit: 3 }, { q: 'a', limit: 3 }],
    ['is made anew where its type is wrong', { q: 7, limit: 'x' }, { q: 'unknown', limit: null }],
    ['is made anew if it is none at all', 'text', { q: 'unknown', limit: null }],
  ])('%s', (_, value, expected) => {
    expect(fitted(value, schema)).toEqual(expected);
  });

  it('fits lists, constants, choices and references', () => {
    const nested = {
      type: 'object',
      properties: { list: { type: 'array', items: { $ref: '#/$defs/one' } } },
      required: ['list'],
      $defs: {
        one: { type: 'object', properties: { k: { enum: ['a', 'b'] }, c: { const: 1 } }, required: ['k', 'c'] },
      },
    };
    expect(fitted({ list: [{ k: 'b' }, { k: 'z' }] }, nested)).toEqual({
      list: [
        { k: 'b', c: 1 },
        { k: 'a', c: 1 },
      ],
    });
  });

  it('ends where a schema holds itself', () => {
    const endless = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] };
    expect(JSON.stringify(fitted({}, endless))).toContain('null');
  });
});
