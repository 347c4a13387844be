import { PASSAGE_CHARS_MAX } from '@troupe/contract';

/** A stretch of a document that search finds and claims cite. Lines count from 1, both ends included. */
export interface CorpusPassage {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  /**
   * At most PASSAGE_CHARS_MAX characters: the lines joined by "\n". Only where a single line is longer than that are
   * there several passages of the same line, each a piece of it, in order.
   */
  readonly text: string;
  /** The nearest heading at or above the passage, "" if there is none. */
  readonly heading: string;
}

/** `lines[n - 1]` is line n of the file; of HTML, the text that stands on that line. */
export interface CorpusDocument {
  readonly path: string;
  readonly lines: readonly string[];
  readonly passages: readonly CorpusPassage[];
}

/** A file that was not read, and why, as a phrase. */
export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

/** A folder of documents in memory. Paths are relative to the folder, with "/"; everything is in path and line order. */
export interface Corpus {
  readonly documents: ReadonlyMap<string, CorpusDocument>;
  readonly skipped: readonly Skipped[];
}

/** Bounds of a corpus as a whole: what it may cost to read, to keep and to index, whoever wrote the files. */
export interface CorpusLimits {
  readonly filesMax: number;
  readonly fileBytesMax: number;
  /** Bytes of all documents that are kept. */
  readonly totalBytesMax: number;
  /** Bytes of all files that are read, kept or not. */
  readonly readBytesMax: number;
  /** Folders below the corpus folder. */
  readonly depthMax: number;
  /** Names looked at, documents or not: bounds the walk and the list of what was skipped. */
  readonly entriesMax: number;
  /** Lines in all: a file of empty lines is small on disk and large in memory. */
  readonly linesMax: number;
  /** Passages in all: a small file can hold very many of one word. */
  readonly passagesMax: number;
  /** Words in all passages, with those of their headings and paths: each may cost an entry of the index. */
  readonly wordsMax: number;
  /** Different words, each of at most 48 characters. */
  readonly termsMax: number;
}

export const CORPUS_LIMITS: CorpusLimits = {
  filesMax: 10_000,
  fileBytesMax: 2 * 1024 * 1024,
  totalBytesMax: 64 * 1024 * 1024,
  readBytesMax: 256 * 1024 * 1024,
  depthMax: 16,
  entriesMax: 50_000,
  linesMax: 2_000_000,
  passagesMax: 100_000,
  wordsMax: 16_000_000,
  termsMax: 1_000_000,
};

export const PASSAGE_LIMITS = { charsMax: PASSAGE_CHARS_MAX, linesMax: 12, fenceLinesMax: 40 } as const;
