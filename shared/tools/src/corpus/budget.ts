import type { CorpusDocument, CorpusLimits } from './corpus.ts';
import { wordsOf } from './words.ts';

/** What of a corpus's bounds is left. A document counts in full or, when it is over one of them, not at all. */
export class CorpusBudget {
  readonly #limits: CorpusLimits;
  readonly #terms = new Set<string>();
  #files = 0;
  #bytesRead = 0;
  #bytes = 0;
  #lines = 0;
  #passages = 0;
  #words = 0;

  constructor(limits: CorpusLimits) {
    this.#limits = limits;
  }

  /** How large the next file may be. */
  get fileBytesMax(): number {
    return Math.min(this.#limits.fileBytesMax, this.#limits.totalBytesMax - this.#bytes);
  }

  get linesLeft(): number {
    return this.#limits.linesMax - this.#lines;
  }

  /** Why no file is read any more, as a phrase. */
  faultOfNext(): string | undefined {
    if (this.#files >= this.#limits.filesMax) return 'comes after the largest number of documents';
    if (this.#bytesRead >= this.#limits.readBytesMax) return `comes after ${this.#limits.readBytesMax} bytes were read`;
    return undefined;
  }

  /** A file was read, whether or not it becomes a document. */
  read(bytes: number): void {
    this.#bytesRead += bytes;
  }

  /** Counts a document, or says as a phrase why there is no room for it. */
  admit(document: CorpusDocument, bytes: number): string | undefined {
    const { passages, lines } = document;
    if (this.#passages + passages.length > this.#limits.passagesMax)
      return 'has more passages than the index still holds';
    const { words, terms } = this.#newTerms(document);
    if (this.#words + words > this.#limits.wordsMax) return 'has more words than the index still holds';
    if (this.#terms.size + terms.size > this.#limits.termsMax) return 'has more new words than the index still holds';
    for (const term of terms) this.#terms.add(term);
    this.#files += 1;
    this.#bytes += bytes;
    this.#lines += lines.length;
    this.#passages += passages.length;
    this.#words += words;
    return undefined;
  }

  #newTerms({ path, passages }: CorpusDocument): { words: number; terms: ReadonlySet<string> } {
    const terms = new Set<string>();
    let words = 0;
    const count = (found: readonly string[]): number => {
      for (const word of found) if (!this.#terms.has(word)) terms.add(word);
      return found.length;
    };
    const pathWords = count(wordsOf(path));
    let heading = '';
    let headingWords = 0;
    for (const passage of passages) {
      if (passage.heading !== heading) headingWords = count(wordsOf(passage.heading));
      heading = passage.heading;
      words += pathWords + headingWords + count(wordsOf(passage.text));
    }
    return { words, terms };
  }
}
