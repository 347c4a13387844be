import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ALLOW_SEARCH,
  ASKED_AT,
  asked,
  decided,
  policyOf,
  proposed,
  RUN,
  sealed,
  sent,
  verdict,
  warrantFor,
} from './guard.fixture.ts';
import { parsePolicy } from './policy.ts';

const OTHER_RUN = '01990000-0000-7000-8000-000000000002';
const search = policyOf(ALLOW_SEARCH);
const denial = (reason: string | RegExp, rule: string) => ({
  type: 'tool.denied',
  body: { rule, reason: expect.stringMatching(reason) },
});

describe('given no rule for a call', () => {
  it('when a tool is asked for, then it is denied by default', () => {
    expect(verdict(policyOf('  []'), asked())).toMatchObject(denial('No rule allows researcher', 'default'));
  });

  it('when a role asks that no rule names, then it is denied, and the denial goes to the one who asked', () => {
    expect(verdict(search, asked({ from: 'translator' }))).toMatchObject({
      ...denial('No rule allows translator', 'default'),
      to: 'translator',
      task: 't1',
    });
  });

  it.each(['shell', 'constructor', '__proto__', 'toString'])('when the tool is "%s", then there is none', (tool) => {
    expect(verdict(search, asked({ tool }))).toMatchObject(denial('There is no tool', 'unknown-tool'));
  });
});

describe('given a rule that allows a call', () => {
  it('when it is asked for, then the grant names exactly this call and goes to the executor alone', () => {
    expect(verdict(search, asked())).toMatchObject({
      to: 'tool-executor',
      type: 'tool.granted',
      integrity: 'outside',
      body: {
        arguments: { query: 'ferries' },
        signature: expect.stringMatching(/^signed:c1:/),
        grant: {
          run: RUN,
          task: 't1',
          call: 'c1',
          tool: 'search_documents',
          requester: 'researcher',
          policy: 'test-1',
          expiresAt: ASKED_AT + 60_000,
        },
      },
    });
  });

  it('when the task ends before the grant would, then the grant ends with the task', () => {
    const warrant = warrantFor('researcher', 't1', { deadlineAt: 9_000 });
    expect(verdict(search, asked({ warrant }))).toMatchObject({ body: { grant: { expiresAt: 9_000 } } });
  });

  it.each([
    ['are missing', {}],
    ['have a field that the tool does not know', { query: 'x', shell: 'rm' }],
    ['are of another type', { query: 7 }],
    ['are too long', { query: 'x'.repeat(401) }],
  ])('when the arguments %s, then it is denied before any rule is read', (_what, args) => {
    expect(verdict(search, asked({ args }))).toMatchObject(denial('search_documents: ', 'invalid-arguments'));
  });

  it('when the same call is asked for again, then nothing more is granted', () => {
    const [first, second] = decided(search, asked(), asked());
    expect(first).toHaveLength(1);
    expect(second).toEqual([]);
  });

  it('when a denied call is asked for again, then nothing more is said', () => {
    expect(decided(search, asked({ tool: 'shell' }), asked())[1]).toEqual([]);
  });

  it('when a call of the same name belongs to another task, then it is a call of its own', () => {
    const outputs = decided(search, asked(), asked({ task: 't2' }));
    expect(outputs.map(([output]) => output?.type)).toEqual(['tool.granted', 'tool.granted']);
  });

  it('when another role has taken the name of the call, then the one who may call is still answered', () => {
    const outputs = decided(search, asked({ from: 'translator' }), asked());
    expect(outputs.map(([output]) => output?.type)).toEqual(['tool.denied', 'tool.granted']);
  });

  it('when anything else is in the mailbox, then nothing is granted', () => {
    const other = sent('researcher', 't1', { type: 'noted', body: { what: 'x' } });
    expect(decided(search, other)).toEqual([[]]);
  });
});

describe('given several rules', () => {
  it('when two name the call, then the first decides', () => {
    const denyFirst = `  - { id: no, tools: [search_documents], roles: [researcher], effect: deny }\n${ALLOW_SEARCH}`;
    expect(verdict(policyOf(denyFirst), asked())).toMatchObject(denial('The rule no denies', 'no'));
    const allowFirst = `${ALLOW_SEARCH}\n  - { id: no, tools: [search_documents], roles: [researcher], effect: deny }`;
    expect(verdict(policyOf(allowFirst), asked()).type).toBe('tool.granted');
  });

  it('when the first names another role, then the next one decides', () => {
    const rules = `  - { id: no, tools: [search_documents], roles: [writer], effect: deny }\n${ALLOW_SEARCH}`;
    expect(verdict(policyOf(rules), asked()).type).toBe('tool.granted');
  });

  it('when a rule bounds the calls of a run, then they are counted over its tools and over all tasks', () => {
    const rules =
      '  - { id: two, tools: [search_documents, calculate], roles: [researcher], effect: allow, calls_per_run_max: 2 }';
    const sums = { tool: 'calculate', args: { expression: '1+1' } };
    const outputs = decided(
      policyOf(rules),
      asked({ call: 'c1' }),
      asked({ task: 't2', ...sums }),
      asked({ call: 'c3' }),
      asked({ task: 't2', call: 'c4', ...sums }),
    );
    expect(outputs.map(([output]) => output?.type)).toEqual([
      'tool.granted',
      'tool.granted',
      'tool.denied',
      'tool.denied',
    ]);
    expect(outputs[2]?.[0]).toMatchObject(denial('allows 2 calls per run', 'two'));
  });

  it('when calls are denied, then they do not count', () => {
    const rules =
      '  - { id: one, tools: [search_documents], roles: [researcher], effect: allow, calls_per_run_max: 1 }';
    const outputs = decided(policyOf(rules), asked({ call: 'c1', args: {} }), asked({ call: 'c2' }));
    expect(outputs[1]?.[0]?.type).toBe('tool.granted');
  });
});

describe('given the rules that are shipped', () => {
  const shipped = parsePolicy(readFileSync(new URL('../policy.yaml', import.meta.url), 'utf8'), 'policy.yaml');

  it('when a researcher reads or reckons, then it may; when it writes, then it may not', () => {
    expect(verdict(shipped, asked()).type).toBe('tool.granted');
    expect(verdict(shipped, asked({ tool: 'calculate', args: { expression: '1+1' } })).type).toBe('tool.granted');
    expect(verdict(shipped, asked({ tool: 'append_note', args: { text: 'x' } }))).toMatchObject(denial('', 'default'));
  });

  it.each(['writer', 'critic', 'supervisor'])('when %s asks for a tool, then it may not', (from) => {
    expect(verdict(shipped, asked({ from })).type).toBe('tool.denied');
  });
});

describe('given a report whose sources are not what tools returned', () => {
  it.each([
    ['invented', { ...sealed(1), text: 'Invented.' }],
    ['sealed in another run', sealed(1, OTHER_RUN)],
    ['sealed for another tenant', sealed(1, RUN, 'acme')],
    ['sealed by nobody', { ...sealed(1), seal: 'AAAA' }],
    ['cited outside of what was sealed', { ...sealed(1), lines: { startLine: 1, endLine: 9 } }],
    ['cited backwards', { ...sealed(1), lines: { startLine: 1, endLine: 0.5 } }],
  ])('when one is %s, then the report is refused and the source is named', (_what, source) => {
    const input = proposed('One [1]. Two [2].');
    if (input.type !== 'output.proposed') throw new Error('expected a report');
    const body = { ...input.body, sources: [sealed(1), source] };
    expect(verdict(search, { ...input, body })).toMatchObject({
      type: 'output.refused',
      to: 'supervisor',
      body: { reason: 'No tool returned these sources of the report in this run: [2].' },
    });
  });
});
