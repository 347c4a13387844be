import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '@troupe/scripts/roles';
import { z } from 'zod';

const Manifest = z.object({ scripts: z.record(z.string(), z.string()).default({}) });

/** Documents of people who use the project; fixtures are documents of the tests. */
const documents = globSync('**/*.md', {
  cwd: ROOT,
  exclude: (path) => /(^|\/)(node_modules|\.troupe|\.turbo|coverage)$/.test(path) || path === 'test/fixtures',
}).toSorted();

const text = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const scripts = Object.keys(Manifest.parse(JSON.parse(text('package.json'))).scripts);
/** Files and commands in blocks of code may be examples of other people's folders; links never are. */
const withoutBlocks = (markdown: string) => markdown.replaceAll(/^```[\s\S]*?^```/gm, '');

/** The anchor of a heading as forges make it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (markdown: string): string[] =>
  [...withoutBlocks(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading.trim()));

/** Links of one document that lead nowhere. */
function brokenLinks(path: string): string[] {
  const links = [...withoutBlocks(text(path)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : relative(ROOT, join(ROOT, dirname(path), file));
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(text(target)).includes(anchor);
  });
}

/** What a document tells people to run that does not exist. */
function unknownCommands(path: string): string[] {
  const markdown = text(path);
  const npm = [...markdown.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
  const troupe = [...markdown.matchAll(/\bnpx troupe ([a-z][\w-]*)/g)].map(([, name = '']) => name);
  const files = [...markdown.matchAll(/\bnode ((?:deploy|scripts|services|test)\/[\w./-]+)/g)].map(
    ([, file = '']) => file,
  );
  return [
    ...npm.filter((name) => !scripts.includes(name)).map((name) => `npm run ${name}`),
    ...troupe.filter((name) => !commands.includes(name)).map((name) => `npx troupe ${name}`),
    ...files.filter((file) => !existsSync(join(ROOT, file))).map((file) => `node ${file}`),
  ];
}

const commands = [...text('scripts/troupe.ts').matchAll(/\.command\('([\w-]+)'\)/g)].map(([, name = '']) => name);

/** Source files that a document names in backquotes, with a path, and that are not there. */
function missingFiles(path: string): string[] {
  const named = [...withoutBlocks(text(path)).matchAll(/`((?:shared|services|scripts|test|deploy)\/[\w./-]+\.\w+)`/g)];
  return named.map(([, file = '']) => file).filter((file) => !existsSync(join(ROOT, file)));
}

/** Rows of a table that quote a line of a source file, `| [file](link) | `line` | …`, and quote what is not in it. */
function misquoted(path: string): string[] {
  const rows = [...text(path).matchAll(/^\| \[[^\]]+\]\(([^)#]+\.ts)\) \| `([^`]+)` \|/gm)];
  return rows
    .filter(([, file = '', line = '']) => !text(relative(ROOT, join(ROOT, dirname(path), file))).includes(line))
    .map(([row]) => row);
}

/** The fields of the interfaces of a source file with these names. */
function fieldsOf(path: string, names: readonly string[]): string[] {
  const blocks = [...text(path).matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)];
  return blocks
    .filter(([, name = '']) => names.includes(name))
    .flatMap(([, , block = '']) => [...block.matchAll(/^ {2}(\w+)\??:/gm)].map(([, field = '']) => field));
}

const CODE = ['shared', 'services', 'scripts'].flatMap((folder) =>
  globSync(`${folder}/**/*.ts`, { cwd: ROOT, exclude: (path) => path.endsWith('node_modules') }),
);
const code = CODE.map(text).join('\n');

describe('the documentation', () => {
  it('is found', () => {
    expect(documents).toEqual(expect.arrayContaining(['shared/README.md', 'deploy/runbooks/role-lag.md']));
    expect(commands).toEqual(expect.arrayContaining(['run', 'show']));
  });

  it.each(documents)('%s links to what is there, and tells to run and to read what is there', (path) => {
    expect({ links: brokenLinks(path), commands: unknownCommands(path), files: missingFiles(path) }).toEqual({
      links: [],
      commands: [],
      files: [],
    });
  });

  it('quotes the lines that stop a compromised researcher as they are', () => {
    expect(text('shared/README.md')).toContain('if (!config.verify(grant, signature))');
    expect(documents.flatMap(misquoted)).toEqual([]);
  });

  it.each(documents)('%s names metrics and settings that the code has', (path) => {
    const named = text(path).match(/\b(troupe_[a-z_]+|TROUPE_[A-Z_]+[A-Z])\b/g) ?? [];
    const known = (name: string) => code.includes(name) || text('docker-compose.yml').includes(name);
    expect([...new Set(named)].filter((name) => !known(name.replace(/_(bucket|sum|count)$/, '')))).toEqual([]);
  });

  it('explains every metric that the code makes', () => {
    const made = [...code.matchAll(/'(troupe_[a-z_]+)'/g)].map(([, name = '']) => name);
    const explained = text('shared/telemetry/README.md');
    expect(made).toContain('troupe_inputs_total');
    expect(made.filter((name) => !explained.includes(`\`${name}`))).toEqual([]);
  });

  it('cites sections of public standards alone: other texts are not there for who reads it', () => {
    const others = globSync('{test,deploy}/**/*.ts', { cwd: ROOT, exclude: (path) => path.endsWith('node_modules') });
    const lines = [...CODE, ...others, ...documents].flatMap((path) => text(path).split('\n'));
    expect(lines.filter((line) => line.includes('\u00A7') && !/RFC \d+ \u00A7/.test(line))).toEqual([]);
  });

  it.each([
    ['test/bench/README.md', 'test/bench/print.ts', ['BenchReport']],
    ['test/bench/README.md', 'test/bench/fair.ts', ['FairMeasured']],
    ['test/bench/README.md', 'test/bench/models.ts', ['CallsMeasured', 'ModelsMeasured']],
    ['test/bench/README.md', 'test/bench/floor.ts', ['Measured']],
    ['test/bench/README.md', 'test/bench/scenarios.ts', ['RunsMeasured', 'SyncMeasured', 'WaitingMeasured']],
    ['test/faults/README.md', 'test/faults/result.ts', ['FaultResult']],
  ])('%s explains every key that %s makes', (document, source, names) => {
    const fields = fieldsOf(source, names);
    expect(fields.length).toBeGreaterThan(3);
    const explained = [...text(document).matchAll(/`(\w+)(?:\[\])?`/g)].map(([, key = '']) => key);
    expect(fields.filter((field) => !explained.includes(field))).toEqual([]);
  });

  it('has a README for each package and each role', () => {
    for (const manifest of globSync('{shared,services}/*/package.json', { cwd: ROOT })) {
      expect(documents).toContain(join(dirname(manifest), 'README.md'));
    }
  });
});
