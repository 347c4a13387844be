import { hash } from 'node:crypto';
import {
  Answer,
  ANSWER_BYTES_MAX,
  decode,
  encode,
  parse,
  Question,
  QUESTION_BYTES_MAX,
  TOOL_CHARS_MAX,
  ToolOffer,
  TOOLS_PER_QUESTION_MAX,
} from '@troupe/contract';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

const GATEWAY_CHARS_MAX = 64;
const Gateway = z.string().min(1).max(GATEWAY_CHARS_MAX);

/** What comes back on the reply inbox of a question, once. */
const Reply = z.object({ answer: Answer });

/** The name of a question, between asker and gateway and in the log: SHA-256 (hex) of its bytes. */
const Digest = z.string().length(64);
/** Questions that one {@link Taken} names at most. */
export const TAKEN_MAX = 1_024;

/**
 * A gateway's word to all processes of a role: it has these questions, and their answers take a moment. Which gateways are
 * alive is told by one broadcast per gateway and half second, not by a heartbeat per question: 10,000 open questions would
 * otherwise cost thousands of messages per second.
 */
const Taken = z.object({ gateway: Gateway, questions: z.array(Digest).max(TAKEN_MAX) });
export type Taken = z.infer<typeof Taken>;

/**
 * A gateway's broadcast. `gone` is its last: what it took and did not answer has to be asked again, of `now` if it goes on
 * under another name (it has the questions, but answers were lost), else of any other.
 */
const Alive = z.object({ gateway: Gateway, gone: z.boolean().default(false), now: Gateway.optional() });
export type Alive = z.infer<typeof Alive>;

export const ALIVE_EVERY_MS = 500;
/** A gateway that was silent this long is dead; its questions are asked again. */
export const GATEWAY_DEAD_MS = 2_000;
/** A question that nobody took for this long is asked again. */
export const UNTAKEN_MS = 2_000;
/** Questions that are answered sooner are not told to be taken. */
export const TAKEN_AFTER_MS = 250;
/** How often a question is asked again because its reply could not be read. */
export const UNREADABLE_REPLIES_MAX = 3;

/** The envelope of an answer, and the longest broadcast. */
const REPLY_BYTES_MAX = ANSWER_BYTES_MAX + 64;
const ALIVE_BYTES_MAX = 256;
const TAKEN_BYTES_MAX = 80 * 1024;

/** A question on the wire: each tool as JSON text. The same few tools come with every question. */
const WireQuestion = Question.extend({
  tools: z
    .array(z.unknown())
    .max(TOOLS_PER_QUESTION_MAX)
    .pipe(z.array(z.string().max(TOOL_CHARS_MAX))),
});

/** The tools that were offered lately, by their text, at most so many characters together: strangers may ask too. */
const OFFERS_MAX = 1_024;
const OFFERS_CHARS_MAX = 4 * 1024 * 1024;
const offers = new LRUCache<string, ToolOffer>({
  max: OFFERS_MAX,
  maxSize: OFFERS_CHARS_MAX,
  sizeCalculation: (_offer, text) => text.length,
});
const texts = new WeakMap<ToolOffer, string>();

/** How much of {@link OFFERS_CHARS_MAX} is in use. */
export const offersChars = (): number => offers.calculatedSize;

/** Encodes a question; the JSON of a tool is made once per process. Throws RangeError over the contract's bound. */
export function encodeQuestion(question: Question): Uint8Array {
  return encode({ ...question, tools: question.tools.map(textOf) }, QUESTION_BYTES_MAX);
}

/** Decodes a question, or undefined if the bytes are none. */
export function decodeQuestion(bytes: Uint8Array): Question | undefined {
  const parsed = read(WireQuestion, bytes, QUESTION_BYTES_MAX);
  if (parsed === undefined) return undefined;
  const tools: ToolOffer[] = [];
  for (const text of parsed.tools) {
    const offer = offerOf(text);
    if (offer === undefined) return undefined;
    tools.push(offer);
  }
  return { ...parsed, tools };
}

/**
 * Never throws. An answer that is too long goes without what its provider wants back; one that is too long even so, or
 * cannot be encoded, becomes one that says so and what was paid for it.
 */
export function encodeReply(answer: Answer): Uint8Array {
  for (const candidate of [answer, withoutEcho(answer)]) {
    try {
      return encode({ answer: candidate }, REPLY_BYTES_MAX);
    } catch {
      continue;
    }
  }
  const message = `the model's answer has more than ${ANSWER_BYTES_MAX} bytes, or cannot be encoded`;
  const { usage, costUsd } = answer;
  const paid = usage === undefined ? {} : { usage, ...(costUsd === undefined ? {} : { costUsd }) };
  return encode({ answer: { ok: false, kind: 'malformed', message, ...paid } satisfies Answer });
}

function withoutEcho(answer: Answer): Answer {
  if (!answer.ok) return answer;
  const { echo: _, ...rest } = answer;
  return rest;
}

/** The answer in a reply, or undefined if the bytes are none. */
export const decodeReply = (bytes: Uint8Array): Answer | undefined => read(Reply, bytes, REPLY_BYTES_MAX)?.answer;

export const digestOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');

export const encodeTaken = (taken: Taken): Uint8Array => encode(taken, TAKEN_BYTES_MAX);

/** Decodes a word of what is taken, or undefined if the bytes are none. */
export const decodeTaken = (bytes: Uint8Array): Taken | undefined => read(Taken, bytes, TAKEN_BYTES_MAX);

export const encodeAlive = (alive: z.input<typeof Alive>): Uint8Array => encode(alive, ALIVE_BYTES_MAX);

/** Decodes a broadcast, or undefined if the bytes are none. */
export const decodeAlive = (bytes: Uint8Array): Alive | undefined => read(Alive, bytes, ALIVE_BYTES_MAX);

function read<T>(schema: z.ZodType<T>, bytes: Uint8Array, bytesMax: number): T | undefined {
  try {
    return parse(schema, decode(bytes, bytesMax)).data;
  } catch {
    return undefined;
  }
}

function textOf(offer: ToolOffer): string {
  const known = texts.get(offer);
  if (known !== undefined) return known;
  const text = JSON.stringify(offer);
  texts.set(offer, text);
  return text;
}

function offerOf(text: string): ToolOffer | undefined {
  const known = offers.get(text);
  if (known !== undefined) return known;
  try {
    const offer = ToolOffer.safeParse(JSON.parse(text)).data;
    if (offer !== undefined) offers.set(text, offer);
    return offer;
  } catch {
    return undefined;
  }
}
