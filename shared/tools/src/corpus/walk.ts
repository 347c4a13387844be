import type { Dirent } from 'node:fs';
import { sep } from 'node:path';
import { reasonOf } from '../files/file-error.ts';
import type { OpenFolder } from '../files/open-folder.ts';
import type { CorpusLimits, Skipped } from './corpus.ts';
import { formatOf } from './document.ts';
import type { Format } from './document.ts';
import { faultOfPath, isPassedOver, shownPath } from './names.ts';

/** A file to read: its path in the corpus, and the names that lead to it from the root without a link. */
export interface FoundFile {
  path: string;
  names: readonly string[];
  format: Format;
  /** As it was when the folder was listed: good for an order, not for a bound. */
  size: number;
}

export interface Walked {
  files: FoundFile[];
  skipped: Skipped[];
}

/**
 * Lists the documents under `root`, in an order that depends on names alone. Names that start with a dot and
 * node_modules are passed over in silence. A link counts only if it is to a file inside the root: mounted
 * configuration is made of such links, while links to folders could lead in circles.
 */
export function walk(root: OpenFolder, limits: CorpusLimits): Walked {
  const walked: Walked = { files: [], skipped: [] };
  let entriesLeft = limits.entriesMax;
  const skip = (path: string, reason: string): void => void walked.skipped.push({ path: shownPath(path), reason });

  function visit(folder: OpenFolder, names: readonly string[]): void {
    for (const entry of smallestNames(folder, entriesLeft + 1)) {
      const found = [...names, entry.name];
      const path = found.join('/');
      if (entriesLeft <= 0) return skip(path, `it and all after it come after ${limits.entriesMax} names`);
      entriesLeft -= 1;
      const reason = entry.isDirectory() ? enter(folder, found) : classify(root, folder, found, entry, walked.files);
      if (reason !== undefined) skip(path, reason);
    }
  }

  function enter(parent: OpenFolder, names: readonly string[]): string | undefined {
    if (names.length > limits.depthMax) return `is more than ${limits.depthMax} folders deep`;
    const fault = faultOfPath(names.join('/'));
    if (fault !== undefined) return fault;
    try {
      parent.within(names.at(-1) ?? '', (folder) => visit(folder, names));
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  visit(root, []);
  return walked;
}

/** The first `max` entries by name, whatever order the system lists them in, in memory of that size. */
function smallestNames(folder: OpenFolder, max: number): Dirent[] {
  let smallest: Dirent[] = [];
  const keep = (): Dirent[] => smallest.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, max);
  for (const entry of folder.entries()) {
    if (isPassedOver(entry.name)) continue;
    smallest.push(entry);
    if (smallest.length >= 2 * max) smallest = keep();
  }
  return keep();
}

/** Adds a document to `files`, or says why it is none. */
function classify(
  root: OpenFolder,
  folder: OpenFolder,
  names: readonly string[],
  entry: Dirent,
  files: FoundFile[],
): string | undefined {
  const path = names.join('/');
  const format = formatOf(path);
  if (format === undefined) return 'is not Markdown, text or HTML';
  const fault = faultOfPath(path);
  if (fault !== undefined) return fault;
  try {
    if (entry.isFile()) files.push({ path, names, format, size: folder.sizeOf(entry.name) });
    else if (!entry.isSymbolicLink()) return 'is not a regular file';
    else {
      const target = targetWithin(root, folder.targetOf(entry.name));
      if (target === undefined) return 'is a link to something other than a document in this folder';
      files.push({ path, names: target, format, size: root.sizeOf(target.join('/')) });
    }
    return undefined;
  } catch (error) {
    return entry.isSymbolicLink() ? 'is a link that leads nowhere' : reasonOf(error);
  }
}

/**
 * The names from the root to a target, if it is inside and no name on the way is passed over. Kubernetes mounts files
 * under names that start with two dots, and only links lead there.
 */
function targetWithin(root: OpenFolder, target: string): string[] | undefined {
  const prefix = root.path.endsWith(sep) ? root.path : root.path + sep;
  if (!target.startsWith(prefix)) return undefined;
  const names = target.slice(prefix.length).split(sep);
  return names.some((name) => isPassedOver(name) && !name.startsWith('..')) ? undefined : names;
}
