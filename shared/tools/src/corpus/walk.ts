import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { CorpusLimits, Skipped } from './corpus.ts';
import { formatOf } from './document.ts';
import type { Format } from './document.ts';
import { reasonOf } from './file-error.ts';

/** The longest path that evidence can name (`Passage` of the contract). */
const PATH_CHARS_MAX = 1_024;
const CONTROL = /\p{Cc}/u;

/** A file to read: its path in the corpus, and where it really is once links are resolved. */
export interface FoundFile {
  path: string;
  file: string;
  format: Format;
}

export interface Walked {
  files: FoundFile[];
  skipped: Skipped[];
}

/**
 * Lists the documents under `root` (absolute, links resolved), in an order that depends on names alone.
 * Names that start with a dot and node_modules are passed over in silence. A link counts only if it is to a file
 * inside the root: mounted configuration is made of such links, while links to folders could lead in circles.
 */
export async function walk(root: string, limits: CorpusLimits): Promise<Walked> {
  const walked: Walked = { files: [], skipped: [] };
  let entriesLeft = limits.entriesMax;

  async function visit(folder: string, depth: number): Promise<void> {
    for (const entry of await entriesOf(root, folder, walked.skipped)) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entriesLeft <= 0) {
        walked.skipped.push({ path, reason: `it and all after it come after ${limits.entriesMax} names` });
        return;
      }
      entriesLeft -= 1;
      if (!entry.isDirectory()) await classify(root, path, entry, walked);
      else if (depth >= limits.depthMax)
        walked.skipped.push({ path, reason: `is more than ${limits.depthMax} folders deep` });
      else await visit(path, depth + 1);
    }
  }

  await visit('', 0);
  return walked;
}

async function entriesOf(root: string, folder: string, skipped: Skipped[]): Promise<Dirent[]> {
  try {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    skipped.push({ path: folder, reason: reasonOf(error) });
    return [];
  }
}

async function classify(root: string, path: string, entry: Dirent, { files, skipped }: Walked): Promise<void> {
  const format = formatOf(path);
  if (format === undefined) skipped.push({ path, reason: 'is not Markdown, text or HTML' });
  else if (path.length > PATH_CHARS_MAX)
    skipped.push({ path, reason: `has a path of over ${PATH_CHARS_MAX} characters` });
  else if (CONTROL.test(path)) skipped.push({ path, reason: 'has control characters in its name' });
  else if (entry.isFile()) files.push({ path, file: join(root, path), format });
  else if (!entry.isSymbolicLink()) skipped.push({ path, reason: 'is not a regular file' });
  else {
    const file = await targetWithin(root, path);
    if (file === undefined) skipped.push({ path, reason: 'is a link to something other than a file in this folder' });
    else files.push({ path, file, format });
  }
}

async function targetWithin(root: string, path: string): Promise<string | undefined> {
  try {
    const target = await realpath(join(root, path));
    const prefix = root.endsWith(sep) ? root : root + sep;
    return target.startsWith(prefix) && (await stat(target)).isFile() ? target : undefined;
  } catch {
    return undefined;
  }
}
