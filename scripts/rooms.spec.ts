import { describe, expect, it } from 'vitest';
import { inspect, measure, type Source } from './rooms.ts';

const file = (path: string, lines: number): Source => ({ path, text: 'const a = 1;\n'.repeat(lines) });

describe('measuring the sources', () => {
  it('takes the median and p90 of production files and the maximum of all', () => {
    const sources = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((lines) => file(`shared/a/src/n${lines}.ts`, lines));
    expect(measure([...sources, file('shared/a/src/n.spec.ts', 250)])).toEqual({
      files: 11,
      linesMedian: 50,
      linesP90: 90,
      linesMax: 250,
    });
  });

  it('counts a last line without a newline', () => {
    expect(measure([{ path: 'a.ts', text: 'one\ntwo' }]).linesMax).toBe(2);
  });
});

describe('inspecting the sources', () => {
  it('is content with small, well named files', () => {
    expect(inspect([file('shared/actor/src/backoff.ts', 80), file('test/wire/wire.spec.ts', 300)])).toEqual([]);
  });

  it('is not content with nothing to inspect', () => {
    expect(inspect([])).toEqual(['no source was found']);
  });

  it('refuses a file over 300 lines, even a test', () => {
    expect(inspect([file('test/wire/wire.spec.ts', 301)])).toEqual([
      'test/wire/wire.spec.ts: 301 lines, at most 300: split it by concept',
    ]);
  });

  it('refuses a median over 100 and a p90 over 200 lines', () => {
    const problems = inspect([file('a.ts', 101), file('b.ts', 101), file('c.ts', 201)]);
    expect(problems).toEqual(['median file: 101 lines, at most 100', 'p90 file: 201 lines, at most 200']);
  });

  it.each(['shared/utils/src/a.ts', 'shared/actor/src/helpers.ts', 'test/common.spec.ts', 'scripts/lib/a.mjs'])(
    'refuses the empty name in %s',
    (path) => {
      expect(inspect([file(path, 1)])).toHaveLength(1);
    },
  );

  it('accepts a name that only contains an empty one', () => {
    expect(inspect([file('shared/tools/src/library.ts', 1)])).toEqual([]);
  });

  it.each([
    '@ts-ignore',
    '@ts-expect-error why',
    '@ts-nocheck',
    'oxlint-disable-next-line no-console',
    'eslint-disable',
  ])('refuses the comment "%s" in production and names its line', (comment) => {
    const text = `const a = 1;\n// ${comment}\n`;
    expect(inspect([{ path: 'services/a/src/b.ts', text }])).toEqual([
      `services/a/src/b.ts:2: a checker is silenced: // ${comment}`,
    ]);
    expect(inspect([{ path: 'services/a/src/b.spec.ts', text }])).toEqual([]);
  });
});
