// A rule that is misspelled, or needs types it cannot get, passes everything. So each one is shown a file it must refuse.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const ASYNC = 'const later = async (): Promise<number> => 1;\n';

/** rule, folder and name of a file that breaks it, and the file. */
const REFUSED: ReadonlyArray<readonly [string, string, string]> = [
  ['no-explicit-any', 'services/a/src/any.ts', 'export const a: any = 1;'],
  ['no-non-null-assertion', 'services/a/src/bang.ts', 'export const a = (b: Map<string, number>) => b.get("c")!;'],
  ['consistent-type-assertions', 'services/a/src/cast.ts', 'export const a = (b: unknown) => b as string;'],
  ['ban-ts-comment', 'services/a/src/silenced.ts', '// @ts-expect-error because\nexport const a: string = 1;'],
  ['no-unsafe-assignment', 'services/a/src/parse.ts', 'export const a: string = JSON.parse("1");'],
  ['no-floating-promises', 'services/a/src/floating.ts', `${ASYNC}export const a = () => { later(); };`],
  ['no-misused-promises', 'services/a/src/misused.ts', `${ASYNC}export const a = () => (later() ? 1 : 2);`],
  [
    'switch-exhaustiveness-check',
    'services/a/src/switch.ts',
    'export const a = (b: 1 | 2) => { switch (b) { case 1: return 0; } return 1; };',
  ],
  ['no-cycle', 'services/a/src/cycle.ts', `import { b } from './cycle-b.ts';\nexport const a = b;`],
  ['no-console', 'shared/a/src/console.ts', 'console.log(1);'],
  ['max-lines', 'scripts/long.ts', 'export {};\n'.repeat(301)],
  ['max-lines-per-function', 'scripts/function.ts', `export const a = () => {\n${'  void 0;\n'.repeat(70)}};`],
  ['complexity', 'scripts/complex.ts', `export const a = (b: number) => ${'b === 1 || '.repeat(21)}false;`],
  [
    'no-focused-tests',
    'shared/a/src/only.spec.ts',
    `import { expect, it } from 'vitest';\nit.only('a', () => expect(1).toBe(1));`,
  ],
  [
    'no-disabled-tests',
    'shared/a/src/skip.spec.ts',
    `import { expect, it } from 'vitest';\nit.skip('a', () => expect(1).toBe(1));`,
  ],
  ['expect-expect', 'shared/a/src/none.spec.ts', `import { it } from 'vitest';\nit('a', () => {});`],
  ['no-restricted-globals', 'services/a/src/decide.ts', 'export const a = () => Date.now();'],
  ['no-restricted-globals', 'services/a/src/state-of-task.ts', 'export const a = () => crypto.randomUUID();'],
  ['no-restricted-globals', 'shared/contract/src/clock.ts', 'export const a = () => performance.now();'],
  ['no-restricted-globals', 'shared/decider/src/later.ts', 'export const a = () => setTimeout(() => {}, 1);'],
  ['no-restricted-properties', 'services/a/src/plan.ts', 'export const a = () => Math.random();'],
  ['no-restricted-imports', 'services/a/src/prompt.ts', `import 'node:fs';`],
  ['no-restricted-imports', 'services/a/src/prompt-bus.ts', `import '@troupe/nats';`],
];

const ALLOWED: ReadonlyArray<readonly [string, string]> = [
  ['services/a/src/perform.ts', `import 'node:fs';\nexport const a = () => Date.now() + Math.random();`],
  [
    'services/a/src/decide.spec.ts',
    `import { expect, it } from 'vitest';\nit('a', () => expect(Date.now() as number).toBe(1));`,
  ],
  ['services/a/src/constant.ts', `export const a = ['b'] as const;\nexport const c: unknown = JSON.parse('1');`],
  ['scripts/print.ts', 'console.log(1);'],
];

let root: string;
let found: ReadonlyMap<string, readonly string[]>;

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** The rules broken in each file, from lines like `path:1:2: message [Error/plugin(rule)]`. */
const rulesByFile = (output: string): ReadonlyMap<string, readonly string[]> => {
  const rules = new Map<string, string[]>();
  for (const [, path = '', rule = ''] of output.matchAll(/^(.+?):\d+:\d+: .*\[\w+\/[\w-]+\(([\w-]+)\)\]$/gmu)) {
    rules.set(path, [...(rules.get(path) ?? []), rule]);
  }
  return rules;
};

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'troupe-lint-')));
  copyFileSync(join(ROOT, '.oxlintrc.json'), join(root, '.oxlintrc.json'));
  copyFileSync(join(ROOT, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'));
  write(
    'tsconfig.json',
    JSON.stringify({ extends: './tsconfig.base.json', compilerOptions: { types: [], lib: ['es2024', 'dom'] } }),
  );
  for (const [, path, text] of REFUSED) write(path, text);
  for (const [path, text] of ALLOWED) write(path, text);
  write('services/a/src/cycle-b.ts', `import { a } from './cycle.ts';\nexport const b = 1;\nexport const c = () => a;`);
  const oxlint = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const { stdout } = spawnSync(process.execPath, [oxlint, '--type-aware', '-f', 'unix'], {
    cwd: root,
    encoding: 'utf8',
  });
  found = rulesByFile(stdout);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

it.each(REFUSED)('%s refuses %s', (rule, path) => {
  expect(found.get(path)).toContain(rule);
});

it.each(ALLOWED)('nothing refuses %s', (path) => {
  expect(found.get(path) ?? []).toEqual([]);
});
