import type { NatsConnection } from '@nats-io/nats-core';
import { TransientError } from '@troupe/actor';
import type { Requests } from './request-channel.ts';

/** What asks: a channel, or the connection itself where requests are few. */
export type Asks = Pick<Requests, 'request'>;

const ANSWER_MS = 5_000;

/** Asks over a connection as it is, waiting 5 s at most for each answer. */
export const asksOver = (nc: NatsConnection): Asks => ({
  request: (subject, payload) => nc.request(subject, payload, { timeout: ANSWER_MS }),
});

export interface StoredMessage {
  subject: string;
  seq: number;
  /** Unix ms. */
  at: number;
  bytes: Uint8Array;
}

/**
 * The last message on a subject (wildcards allowed), by direct get with the subject in the request's own subject, so
 * that permissions can tell whose messages are read (ADR-31 of nats-architecture). Undefined if there is none. In a cluster
 * any server that has a copy may answer, one that lags behind, too.
 */
export function lastOn(channel: Asks, stream: string, subject: string): Promise<StoredMessage | undefined> {
  return get(channel, `$JS.API.DIRECT.GET.${stream}.${subject}`, '');
}

async function get(channel: Asks, subject: string, payload: string): Promise<StoredMessage | undefined> {
  const message = await channel.request(subject, payload);
  const { headers } = message;
  if (headers === undefined) throw new TransientError('the direct get answered without headers');
  if (headers.code === 404) return undefined;
  if (headers.code !== 0) throw new TransientError(`direct get: ${headers.code} ${headers.description}`);
  return {
    subject: headers.get('Nats-Subject'),
    seq: Number(headers.get('Nats-Sequence')),
    at: Date.parse(headers.get('Nats-Time-Stamp')),
    bytes: message.data,
  };
}
