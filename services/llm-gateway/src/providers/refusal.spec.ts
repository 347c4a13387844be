import { describe, expect, it } from 'vitest';
import { FAILURE_KINDS } from './provider.ts';
import { dispensableParameter, kindOf } from './refusal.ts';

/** What every object has, and no service means. */
const INHERITED = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'];

describe('a refusal', () => {
  it.each(INHERITED)('of the type or code %s is one of the kinds that there are', (name) => {
    expect(kindOf({ text: 'no', type: name })).toBe('rejected');
    expect(kindOf({ text: 'no', code: name })).toBe('rejected');
    expect(FAILURE_KINDS).toContain(kindOf({ text: `${name}: no`, status: 400 }));
  });

  it.each(INHERITED)('about %s names no parameter', (name) => {
    expect(dispensableParameter({ text: 'no', parameter: name })).toBeUndefined();
    expect(dispensableParameter({ text: `${name}: no` })).toBeUndefined();
    expect(kindOf({ text: 'no', status: 400, parameter: name })).toBe('rejected');
  });

  it('is read no further than a person would, however much the service says', () => {
    const filler = 'no '.repeat(2_000);
    expect(kindOf({ text: `${filler}prompt is too long` })).toBe('rejected');
    expect(kindOf({ text: `prompt is too long ${filler}` })).toBe('too_long');
    expect(dispensableParameter({ text: `${filler}tool_choice` })).toBeUndefined();
    expect(dispensableParameter({ text: `tool_choice ${filler}` })).toBe('tool_choice');
  });
});
