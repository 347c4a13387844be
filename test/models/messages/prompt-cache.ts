import { createHash } from 'node:crypto';
import { tokensOf } from '../tokens.ts';
import { flattened, identityOf, resultText } from './flat.ts';
import type { Block } from './flat.ts';
import type { MessagesModel } from './models.ts';
import type { CountRequest } from './request.ts';

/** How many blocks before a breakpoint an earlier prompt may have ended. */
export const LOOKBACK_BLOCKS = 20;
const ENTRIES_MAX = 20_000;
const TTL_MS = { '5m': 300_000, '1h': 3_600_000 };
/** Characters around each block on its way to the model. */
const FRAME_CHARS = 12;

type Ttl = keyof typeof TTL_MS;

export interface PromptTokens {
  total: number;
  read: number;
  written: number;
  ttl: Ttl;
}

interface Piece {
  digest: string;
  /** Characters of the prompt up to its end. */
  charsTo: number;
  mark: Ttl | undefined;
}

/** What of a prompt was seen before, by its prefixes, and what is kept of it. */
export class PromptCache {
  readonly #expiryByDigest = new Map<string, number>();

  /** Counts a prompt; `keep`: it is read, so that the next may find it. */
  count(request: CountRequest, { cacheTokensMin }: MessagesModel, keep: { nowMs: number } | undefined): PromptTokens {
    const pieces = piecesOf(request);
    const total = tokensOf(pieces.at(-1)?.charsTo ?? 0);
    const marks = pieces.flatMap(({ mark, charsTo }, index) =>
      mark !== undefined && tokensOf(charsTo) >= cacheTokensMin ? [index] : [],
    );
    const nowMs = keep?.nowMs ?? 0;
    const hit = Math.max(-1, ...marks.map((index) => this.#hit(pieces, index, nowMs)));
    const read = hit < 0 ? 0 : tokensOf(pieces[hit]?.charsTo ?? 0);
    const last = pieces[marks.at(-1) ?? -1];
    const ttl = last?.mark ?? '5m';
    if (keep === undefined) return { total, read: 0, written: 0, ttl };
    for (const index of marks) this.#keep(pieces[index], nowMs);
    return { total, read, written: last === undefined ? 0 : Math.max(0, tokensOf(last.charsTo) - read), ttl };
  }

  #hit(pieces: readonly Piece[], from: number, nowMs: number): number {
    for (let index = from; index >= Math.max(0, from - LOOKBACK_BLOCKS); index -= 1) {
      if ((this.#expiryByDigest.get(pieces[index]?.digest ?? '') ?? 0) > nowMs) return index;
    }
    return -1;
  }

  #keep(piece: Piece | undefined, nowMs: number): void {
    if (piece?.mark === undefined) return;
    this.#expiryByDigest.delete(piece.digest);
    this.#expiryByDigest.set(piece.digest, nowMs + TTL_MS[piece.mark]);
    const [oldest] = this.#expiryByDigest.keys();
    if (this.#expiryByDigest.size > ENTRIES_MAX && oldest !== undefined) this.#expiryByDigest.delete(oldest);
  }
}

type Marked = { cache_control?: { ttl?: Ttl | undefined } | null | undefined };
const markOf = ({ cache_control: mark }: Marked): Ttl | undefined => (mark ? (mark.ttl ?? '5m') : undefined);

/** Tools, system, turns: in the order in which the service reads and caches them. */
function piecesOf(request: CountRequest): Piece[] {
  const { model, system, tools = [], tool_choice: choice, thinking, output_config: output } = request;
  const hash = createHash('sha256').update(model);
  let charsTo = 0;
  const piece = (identity: string, chars: number, mark: Ttl | undefined): Piece => {
    hash.update(identity);
    charsTo += chars + FRAME_CHARS;
    return { digest: hash.copy().digest('base64url'), charsTo, mark };
  };
  const texts = typeof system === 'string' ? [{ text: system, cache_control: undefined }] : (system ?? []);
  const pieces = [
    ...tools.map((tool) => {
      const text = JSON.stringify([tool.name, tool.description, tool.input_schema]);
      return piece(text, text.length, markOf(tool));
    }),
    ...texts.map((block) => piece(block.text, block.text.length, markOf(block))),
  ];
  // These three change how turns are read, not what stands before them.
  hash.update(JSON.stringify([choice ?? 'auto', thinking, output?.effort]));
  for (const placed of flattened(request.messages)) {
    const mark = 'cache_control' in placed.block ? markOf(placed.block) : undefined;
    pieces.push(piece(identityOf(placed), charsOf(placed.block), mark));
  }
  const last = pieces.at(-1);
  const automatic = markOf(request);
  if (last !== undefined && automatic !== undefined) last.mark ??= automatic;
  return pieces;
}

function charsOf(block: Block): number {
  switch (block.type) {
    case 'text':
      return block.text.length;
    case 'tool_use':
      return block.name.length + JSON.stringify(block.input).length;
    case 'tool_result':
      return resultText(block.content).length;
    case 'thinking':
      return block.thinking.length;
    case 'redacted_thinking':
      return 0;
  }
}
