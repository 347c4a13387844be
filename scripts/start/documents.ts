import { copyFileSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { loadCorpus } from '@troupe/tools/run';
import { count, oneLine } from '../cli/one-line.ts';
import { EXIT, Failure, sentenceOf } from '../cli/failure.ts';
import { ROOT } from '../roles.ts';

/** The project's own documentation: what the example is about. Fixtures, plans and packages are no part of it. */
const OWN_DOCUMENTS = ['*.md', '{deploy,docs,scripts,services,shared}/**/*.md'];
const EXAMPLES_MAX = 3;

/**
 * Copies the project's documentation into a folder of its own and gives its path: the executor sees one folder and
 * nothing else of the project. Paths and lines are those of the originals, so citations lead to them.
 */
export function gatherOwnDocuments(dataDir: string, root: string = ROOT): string {
  const folder = join(dataDir, 'docs');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const path of globSync(OWN_DOCUMENTS, {
    cwd: root,
    exclude: (name) => /(^|[/\\])(node_modules|\.[^/\\]+)$/.test(name),
  })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(root, path), join(folder, path));
  }
  return folder;
}

/**
 * Reads the documents as the executor will, and tells in a line each how many there are and what was skipped, per
 * kind. Throws a usage Failure if the folder cannot be used or has no documents.
 */
export async function describeDocuments(folder: string): Promise<string[]> {
  const { documents, skipped } = await loadCorpus(folder).catch((error: unknown) => {
    throw new Failure(
      sentenceOf(error).replace(
        'point the setting for the documents folder at one that exists',
        'name another with --docs',
      ),
      EXIT.usage,
      { cause: error },
    );
  });
  if (documents.size === 0) {
    const why = skipped.length === 0 ? 'it is empty' : skippedByKind(skipped).join('; ');
    throw new Failure(`There is no Markdown, text or HTML document in "${folder}": ${why}.`, EXIT.usage);
  }
  return [
    `Documents  ${count(documents.size, 'document')} in ${folder}`,
    ...skippedByKind(skipped).map((line) => `Skipped    ${line}`),
  ];
}

/** `9 files: is not Markdown, text or HTML (.png, .pdf, …)`, a line per kind of reason, the most frequent first. */
export function skippedByKind(skipped: readonly { path: string; reason: string }[]): string[] {
  const kinds = Map.groupBy(skipped, ({ reason }) => reason.replace(/\d[\d,]*/g, 'n').replace(/: .*$/, ''));
  return [...kinds]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([kind, files]) => {
      const isFormat = kind.startsWith('is not Markdown');
      const names = [...new Set(files.map(({ path }) => (isFormat ? extname(path) || path : path)))];
      const shown = names.slice(0, EXAMPLES_MAX).join(', ');
      const reason = files[0] === undefined ? kind : files[0].reason;
      return oneLine(
        `${count(files.length, 'file')}: ${files.length === 1 ? reason : plural(kind)} (${shown}${names.length > EXAMPLES_MAX ? ', …' : ''})`,
      );
    });
}

/** "is not UTF-8 text" of several files. */
const plural = (reason: string): string =>
  reason
    .replace(/^is /, 'are ')
    .replace(/^has a name /, 'have names ')
    .replace(/^has a path /, 'have paths ')
    .replace(/^has /, 'have ')
    .replace(/^comes /, 'come ');
