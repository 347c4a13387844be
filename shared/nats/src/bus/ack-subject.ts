export interface DeliveryInfo {
  deliveries: number;
  seq: number;
  /** Unix ms. */
  at: number;
}

/**
 * Reads what JetStream says of a delivery in its reply subject: `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream
 * seq>.<consumer seq>.<time ns>.<pending>`, with two or three more tokens where domains are used.
 * Undefined if it is no such subject (a status message has none).
 */
export function readAckSubject(reply: string): DeliveryInfo | undefined {
  const tokens = reply.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined;
  const offset = tokens.length === 9 ? 4 : 6;
  const deliveries = Number(tokens[offset]);
  const seq = Number(tokens[offset + 1]);
  const time = tokens[offset + 3] ?? '';
  if (!Number.isSafeInteger(deliveries) || !Number.isSafeInteger(seq)) return undefined;
  return { deliveries, seq, at: Number(time.slice(0, -6)) };
}
