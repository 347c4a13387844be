import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { CORPUS_LIMITS } from './corpus.ts';
import type { Corpus, CorpusDocument, CorpusLimits, Skipped } from './corpus.ts';
import { CorpusError, explainFolder } from './corpus-error.ts';
import { decodeText, documentOf } from './document.ts';
import { codeOf, reasonOf } from './file-error.ts';
import { walk } from './walk.ts';
import type { FoundFile } from './walk.ts';

/**
 * Reads every Markdown, text and HTML document under a folder into memory. What is over a bound or cannot be read is
 * left out and listed in `skipped`; only a folder that cannot be used at all throws, a CorpusError.
 * An empty folder is an empty corpus. The result depends on the files alone, not on the order the system lists them in.
 */
export async function loadCorpus(folder: string, limits: Partial<CorpusLimits> = {}): Promise<Corpus> {
  const bounds = { ...CORPUS_LIMITS, ...limits };
  const { files, skipped } = await walk(await usableFolder(folder), bounds);
  const documents: CorpusDocument[] = [];
  const left = { files: bounds.filesMax, bytes: bounds.totalBytesMax, passages: bounds.passagesMax };
  for (const found of files) {
    const loaded =
      left.files > 0 ? await load(found, Math.min(bounds.fileBytesMax, left.bytes), left.passages) : TOO_MANY_FILES;
    if (!loaded.ok) {
      skipped.push({ path: found.path, reason: loaded.reason });
      continue;
    }
    left.files -= 1;
    left.bytes -= loaded.bytes;
    left.passages -= loaded.document.passages.length;
    documents.push(loaded.document);
  }
  return {
    documents: new Map(inOrder(documents).map((document) => [document.path, document])),
    skipped: inOrder(skipped),
  };
}

type Loaded = { ok: true; document: CorpusDocument; bytes: number } | { ok: false; reason: string };

const TOO_MANY_FILES: Loaded = { ok: false, reason: 'comes after the largest number of documents' };

async function load({ path, file, format }: FoundFile, bytesMax: number, passagesMax: number): Promise<Loaded> {
  const bytes = await readBounded(file, bytesMax);
  if (typeof bytes === 'string') return { ok: false, reason: bytes };
  const text = decodeText(bytes);
  if (text === undefined) return { ok: false, reason: 'is not UTF-8 text' };
  const document = documentOf(path, format, text);
  if (document.passages.length > passagesMax)
    return { ok: false, reason: 'has more passages than the index still holds' };
  return { ok: true, document, bytes: bytes.length };
}

/** The bytes of a file, or the reason why they were not read. The size is checked on the open file, before reading. */
async function readBounded(file: string, bytesMax: number): Promise<Uint8Array | string> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await handle.stat();
      if (size > bytesMax) return `is too large: ${size} bytes, and ${bytesMax} are left`;
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    return reasonOf(error);
  }
}

async function usableFolder(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    await readdir(root);
    return root;
  } catch (error) {
    throw new CorpusError(explainFolder(folder, codeOf(error)), { cause: error });
  }
}

/** By path as code units compare: the same on every machine and in every locale. */
function inOrder<Item extends Skipped | CorpusDocument>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
