import type { Msg } from '@nats-io/nats-core';
import type { Bus } from '../bus/connect.ts';
import type { StoredMessage } from '../bus/direct-get.ts';
import { whenLost } from '../bus/lost-replies.ts';
import { ReplyInbox } from '../bus/reply-inbox.ts';

const BATCH = 512;
const BATCH_MS_MAX = 10_000;
const NOT_FOUND = 404;
const TOO_MANY_SUBJECTS = 413;
const END_OF_BATCH = 204;
const NO_RESPONDERS = 503;

export interface BatchQuery {
  stream: string;
  /** Wildcards allowed. */
  subject: string;
  fromSeq: number;
  /** Instead of a sequence to start with: the time from which on messages were stored (Unix ms). */
  fromTime?: number;
  /** Messages that the server sends at once. */
  batch?: number;
}

interface Batch {
  messages: StoredMessage[];
  /** Messages that match and come after these. */
  pending: number;
}

/** Who waits for one batch. */
interface Waiting {
  messages: StoredMessage[];
  resolve(batch: Batch): void;
  fail(reason: string): void;
}

/**
 * All stored messages on a subject from a sequence on, in the order of the stream, by batched direct gets (ADR-31):
 * no consumer is made, so the right to read is enough. Rejects with a sentence when the server does not answer.
 */
export async function* readStored(bus: Bus, query: BatchQuery): AsyncGenerator<StoredMessage> {
  const inbox = new ReplyInbox<Waiting>(bus, heard);
  // The time is where the first batch starts: with it each of them would be the first one again.
  const { fromTime, ...rest } = query;
  let { fromSeq } = query;
  try {
    for (let isFirst = true; ; isFirst = false) {
      const start = isFirst && fromTime !== undefined ? { fromTime } : {};
      const { messages, pending } = await oneBatch(bus, inbox, { ...rest, fromSeq, ...start });
      yield* messages;
      const last = messages.at(-1);
      if (last === undefined || pending === 0) return;
      fromSeq = last.seq + 1;
    }
  } finally {
    inbox.close();
  }
}

/**
 * The same where each message has a subject of its own: asked for as the last of each, they are found by the index of
 * subjects. A search by sequence goes through the stream instead, and the longer, the more of others is there. It is left
 * to what has more subjects than the server gathers at once (1,024).
 */
export async function* readDistinct(
  bus: Bus,
  { stream, subject, fromSeq }: Omit<BatchQuery, 'fromTime'>,
): AsyncGenerator<StoredMessage> {
  const inbox = new ReplyInbox<Waiting>(bus, heard);
  let found: Batch;
  try {
    found = await ask(bus, inbox, stream, { multi_last: [subject], seq: fromSeq });
  } finally {
    inbox.close();
  }
  yield* found.messages;
  const last = found.messages.at(-1);
  if (found.pending > 0)
    yield* readStored(bus, { stream, subject, fromSeq: last === undefined ? fromSeq : last.seq + 1 });
}

function heard({ messages, resolve, fail }: Waiting, { data, headers }: Msg): void {
  if (headers === undefined) return fail('the answer has no headers');
  const { code, description } = headers;
  if (code === NOT_FOUND) return resolve({ messages, pending: 0 });
  if (code === TOO_MANY_SUBJECTS) return resolve({ messages, pending: Infinity });
  if (code === END_OF_BATCH) return resolve({ messages, pending: Number(headers.get('Nats-Num-Pending')) });
  if (code !== 0) return fail(code === NO_RESPONDERS ? 'it is not there' : `${code} ${description}`);
  messages.push({
    subject: headers.get('Nats-Subject'),
    seq: Number(headers.get('Nats-Sequence')),
    at: Date.parse(headers.get('Nats-Time-Stamp')),
    bytes: data,
  });
}

function oneBatch(bus: Bus, inbox: ReplyInbox<Waiting>, query: BatchQuery): Promise<Batch> {
  const { stream, subject, fromSeq, fromTime, batch = BATCH } = query;
  const from =
    fromTime === undefined ? { seq: Math.max(1, fromSeq) } : { start_time: new Date(fromTime).toISOString() };
  return ask(bus, inbox, stream, { ...from, next_by_subj: subject, batch });
}

function ask(bus: Bus, inbox: ReplyInbox<Waiting>, stream: string, request: object): Promise<Batch> {
  const { promise, resolve, reject } = Promise.withResolvers<Batch>();
  const fail = (reason: string) => reject(new Error(`The stream ${stream} cannot be read: ${reason}.`));
  const reply = inbox.add({ messages: [], resolve, fail });
  const forget = whenLost(bus.nc, () => fail('the connection was lost'));
  const timer = setTimeout(() => fail(`no answer within ${BATCH_MS_MAX / 1_000} s`), BATCH_MS_MAX);
  bus.nc.publish(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify(request), { reply });
  return promise.finally(() => {
    clearTimeout(timer);
    forget();
    inbox.remove(reply);
  });
}
