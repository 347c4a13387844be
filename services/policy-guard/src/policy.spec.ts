import { describe, expect, it } from 'vitest';
import { parsePolicy } from './policy.ts';

const rule = '{ id: search, tools: [search_documents], roles: [researcher], effect: allow }';
const parse = (yaml: string) => parsePolicy(yaml, 'rules.yaml');

describe('a rules file', () => {
  it('has defaults for what it leaves out', () => {
    expect(parse(`version: v1\nrules: [${rule}]`)).toMatchObject({
      grant_ttl_ms: 600_000,
      rules: [{ calls_per_run_max: 200 }],
      output: { mask: [], link_hosts: [], image_hosts: [] },
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
    [
      'links to an address instead of a host',
      'version: v1\nrules: []\noutput: { link_hosts: ["https://a.example"] }',
      'output.link_hosts.0: must be a host',
    ],
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
