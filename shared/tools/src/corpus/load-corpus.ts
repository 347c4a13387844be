import { setImmediate } from 'node:timers/promises';
import { codeOf, reasonOf } from '../files/file-error.ts';
import { OpenFolder } from '../files/open-folder.ts';
import { type BytesRead, readBounded } from '../files/read-bounded.ts';
import { CorpusBudget } from './budget.ts';
import { CORPUS_LIMITS } from './corpus.ts';
import type { Corpus, CorpusDocument, CorpusLimits, Skipped } from './corpus.ts';
import { CorpusError, explainFolder } from './corpus-error.ts';
import { decodeText, documentOf, lineCountOf } from './document.ts';
import { shownPath } from './names.ts';
import { walk } from './walk.ts';
import type { FoundFile, Walked } from './walk.ts';

/**
 * Reads every Markdown, text and HTML document under a folder into memory. What is over a bound or cannot be read is
 * left out and listed in `skipped`; only a folder that cannot be used at all throws, a CorpusError. Small files come
 * first: one that is made to fill the bounds leaves room for those that are not. An empty folder is an empty corpus.
 * The result depends on the files alone, not on the order the system lists them in.
 */
export async function loadCorpus(folder: string, limits: Partial<CorpusLimits> = {}): Promise<Corpus> {
  const root = openRoot(folder);
  try {
    return await loadFrom(root, folder, { ...CORPUS_LIMITS, ...limits });
  } finally {
    root.close();
  }
}

async function loadFrom(root: OpenFolder, folder: string, limits: CorpusLimits): Promise<Corpus> {
  const { files, skipped } = walkRoot(root, folder, limits);
  const budget = new CorpusBudget(limits);
  const documents: CorpusDocument[] = [];
  for (const found of smallestFirst(files)) {
    const loaded = load(root, found, budget);
    if (loaded.ok) documents.push(loaded.document);
    else skipped.push({ path: shownPath(found.path), reason: loaded.reason });
    await setImmediate();
  }
  return {
    documents: new Map(inOrder(documents).map((document) => [document.path, document])),
    skipped: inOrder(skipped),
  };
}

type Loaded = { ok: true; document: CorpusDocument } | { ok: false; reason: string };

function load(root: OpenFolder, { path, names, format }: FoundFile, budget: CorpusBudget): Loaded {
  const fault = budget.faultOfNext();
  if (fault !== undefined) return { ok: false, reason: fault };
  const read = readBelow(root, names, budget.fileBytesMax);
  if (!read.ok) return read;
  budget.read(read.bytes.length);
  const text = decodeText(read.bytes);
  if (text === undefined) return { ok: false, reason: 'is not UTF-8 text' };
  if (lineCountOf(text) > budget.linesLeft) return { ok: false, reason: 'has more lines than memory still holds' };
  const document = documentOf(path, format, text);
  const reason = budget.admit(document, read.bytes.length);
  return reason === undefined ? { ok: true, document } : { ok: false, reason };
}

/** Goes down name by name in open folders, so that no link on the way is followed. */
function readBelow(folder: OpenFolder, [name = '', ...rest]: readonly string[], bytesMax: number): BytesRead {
  try {
    if (rest.length === 0) return folder.withFile(name, (fd) => readBounded(fd, bytesMax));
    return folder.within(name, (next) => readBelow(next, rest, bytesMax));
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

function openRoot(folder: string): OpenFolder {
  try {
    return OpenFolder.open(folder);
  } catch (error) {
    throw new CorpusError(explainFolder(folder, codeOf(error)), { cause: error });
  }
}

function walkRoot(root: OpenFolder, folder: string, limits: CorpusLimits): Walked {
  try {
    return walk(root, limits);
  } catch (error) {
    throw new CorpusError(explainFolder(folder, codeOf(error)), { cause: error });
  }
}

function smallestFirst(files: readonly FoundFile[]): FoundFile[] {
  return files.toSorted((a, b) => a.size - b.size || byPath(a, b));
}

function inOrder<Item extends Skipped | CorpusDocument>(items: readonly Item[]): Item[] {
  return items.toSorted(byPath);
}

/** As code units compare: the same on every machine and in every locale. */
function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
