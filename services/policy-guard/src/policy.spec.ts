import { describe, expect, it } from 'vitest';
import { masker } from './mask.ts';
import { parsePolicy } from './policy.ts';

const rule = '{ id: search, tools: [search_documents], roles: [researcher], effect: allow }';
const parse = (yaml: string) => parsePolicy(yaml, 'rules.yaml');

describe('a rules file', () => {
  it('has defaults for what it leaves out', () => {
    expect(parse(`version: v1\nrules: [${rule}]`)).toMatchObject({
      grant_ttl_ms: 600_000,
      rules: [{ calls_per_run_max: 200 }],
      output: { mask: [] },
    });
  });

  it.each([
    ['is empty', '', 'the file: '],
    ['has no version', `rules: [${rule}]`, 'version: '],
    ['has a misspelled field', `version: v1\nrules: [${rule}]\nrulse: []`, 'rulse'],
    [
      'has a misspelled field in a rule',
      'version: v1\nrules: [{ id: a, tool: [x], roles: [y], effect: allow }]',
      'rules.0',
    ],
    ['has an effect that is not known', `version: v1\nrules: [${rule.replace('allow', 'maybe')}]`, 'rules.0.effect: '],
    ['has a rule without roles', `version: v1\nrules: [${rule.replace('[researcher]', '[]')}]`, 'rules.0.roles: '],
    ['grants for longer than an hour', `version: v1\ngrant_ttl_ms: 9999999\nrules: []`, 'grant_ttl_ms: '],
    ['is not YAML', 'version: [', 'is not valid YAML'],
    ['uses aliases, which could unfold without end', `version: v1\na: &a []\nrules: *a`, 'is not valid'],
  ])('that %s is refused with a sentence that names the file and the place', (_what, yaml, place) => {
    expect(() => parse(yaml)).toThrow(/^rules\.yaml is not/);
    expect(() => parse(yaml)).toThrow(place);
  });

  it('names every mistake at once', () => {
    expect(() => parse('version: ""\nrules: 7')).toThrow(/version: .*rules: /);
  });
});

describe('a mask', () => {
  const mask = (pattern: string) => masker([{ id: 'secret', pattern }]);

  it('replaces each place and counts them', () => {
    expect(mask('sk-[a-z]+')('a sk-abc b sk-def c')).toEqual({
      text: 'a [masked: secret] b [masked: secret] c',
      masked: 2,
    });
  });

  it('leaves a text without such places as it is', () => {
    expect(mask('sk-[a-z]+')('nothing here')).toEqual({ text: 'nothing here', masked: 0 });
  });

  it('of several rules applies each', () => {
    const both = masker([
      { id: 'one', pattern: '1' },
      { id: 'two', pattern: '2' },
    ]);
    expect(both('1 2 1')).toEqual({ text: '[masked: one] [masked: two] [masked: one]', masked: 3 });
  });

  it('with a pattern that RE2 does not know is refused at start, by its name', () => {
    expect(() => mask('(?=lookahead)')).toThrow(/The mask "secret" has a pattern that RE2 cannot read/);
    expect(() => mask('(a')).toThrow(/The mask "secret"/);
    expect(() => mask(String.raw`(a)\1`)).toThrow(/The mask "secret"/);
  });

  it('comes to an end on a text that makes a backtracking engine hang', () => {
    // A backtracking engine would need 2^30000 steps for each of these and never return.
    expect(mask('(a+)+$')(`${'a'.repeat(30_000)}!`)).toEqual({ text: `${'a'.repeat(30_000)}!`, masked: 0 });
    expect(mask('(a|a)*b')('a'.repeat(30_000)).masked).toBe(0);
  });

  it('with a pattern that fits the empty text comes to an end', () => {
    expect(mask('x*')('ab').text).toContain('a');
  });
});
