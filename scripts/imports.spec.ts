import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkImports, judgeImports } from './imports.ts';

const RULES = join(import.meta.dirname, '..', '.dependency-cruiser.mjs');

let root: string;

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

const workspace = (folder: string, name: string, door: string): void => {
  write(`${folder}/package.json`, JSON.stringify({ name: `@troupe/${name}`, type: 'module', exports: { '.': door } }));
  write(`${folder}/${door}`, 'export const door = 1;\n');
  mkdirSync(join(root, 'node_modules/@troupe'), { recursive: true });
  symlinkSync(join(root, folder), join(root, 'node_modules/@troupe', name));
};

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'troupe-imports-')));
  write('package.json', JSON.stringify({ name: 'troupe', type: 'module', workspaces: ['shared/*', 'services/*'] }));
  for (const name of ['contract', 'decider', 'actor', 'nats', 'telemetry']) {
    workspace(`shared/${name}`, name, './src/index.ts');
  }
  workspace('shared/tools', 'tools', './src/run.ts');
  workspace('services/writer', 'writer', './src/role.ts');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The rules broken by one file, each once. */
const broken = async (path: string, text: string): Promise<readonly string[]> => {
  write(path, text);
  const { violations } = await checkImports(root, RULES);
  return [...new Set(violations.map((line) => line.slice(0, line.indexOf(':'))))].toSorted();
};

describe('the import rules', () => {
  const cases: ReadonlyArray<readonly [string, string, string, readonly string[]]> = [
    ['a role imports shared packages', 'services/seventh/src/decide.ts', `import '@troupe/contract';`, []],
    ["an operator's program imports the bus", 'deploy/nats/a.ts', `import '@troupe/nats';`, []],
    ["an operator's program imports what is not there", 'deploy/nats/a.ts', `import '@troupe/gone';`, ['resolves']],
    [
      "a role imports an operator's program",
      'services/seventh/src/a.ts',
      `import '../../../deploy/a.ts';`,
      ['resolves'],
    ],
    ['a role imports a role', 'services/seventh/src/main.ts', `import '@troupe/writer';`, ['service-alone']],
    ['a shared package imports a role', 'shared/actor/src/a.ts', `import '@troupe/writer';`, ['shared-below']],
    ['the actor imports the bus', 'shared/actor/src/a.ts', `import '@troupe/nats';`, ['actor-uses']],
    ['the bus imports the actor', 'shared/nats/src/a.ts', `import '@troupe/actor';`, []],
    ['telemetry imports the actor', 'shared/telemetry/src/a.ts', `import '@troupe/actor';`, ['telemetry-uses']],
    ['the contract imports Node', 'shared/contract/src/a.ts', `import 'node:fs';`, ['contract-libraries']],
    ['the decider imports Node', 'shared/decider/src/a.ts', `import 'node:fs';`, ['decider-libraries']],
    ['a spec of the decider imports Node', 'shared/decider/src/a.spec.ts', `import 'node:fs';`, []],
    ['decide imports Node', 'services/seventh/src/decide.ts', `import 'node:fs';`, ['pure-platform']],
    ['a plan imports the bus', 'services/seventh/src/plan-tasks.ts', `import '@troupe/nats';`, ['pure-bus']],
    [
      'perform imports the bus and Node',
      'services/seventh/src/perform.ts',
      `import 'node:fs';import '@troupe/nats';`,
      [],
    ],
    ['a role runs tools', 'services/seventh/src/perform.ts', `import '@troupe/tools';`, ['tools-run']],
    ['the executor runs tools', 'services/tool-executor/src/perform.ts', `import '@troupe/tools';`, []],
    [
      'a role reaches into a package',
      'services/seventh/src/main.ts',
      `import '../../../shared/contract/src/index.ts';`,
      ['package-by-name'],
    ],
    ['an import does not resolve', 'test/a.ts', `import '@troupe/contract/src/deep.ts';`, ['resolves']],
    [
      'a type makes a cycle',
      'shared/actor/src/a.ts',
      `import type { A } from './a.ts'; export type A = 1;`,
      ['no-cycles'],
    ],
  ];

  it.each(cases)('when %s', async (_title, path, text, rules) => {
    expect(await broken(path, text)).toEqual(rules);
  });
});

describe('judging a report', () => {
  it('refuses one that saw hardly any module', () => {
    expect(judgeImports({ modules: 3, violations: [] })).toHaveLength(1);
  });

  it('passes one with enough modules and no violation', () => {
    expect(judgeImports({ modules: 20, violations: [] })).toEqual([]);
  });
});
