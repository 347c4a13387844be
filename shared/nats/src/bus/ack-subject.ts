export interface DeliveryInfo {
  deliveries: number;
  seq: number;
  /** Unix ms. */
  at: number;
  /** Messages of the consumer that nobody had been given yet. */
  pending: number;
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
  return { deliveries, seq, at: Number(time.slice(0, -6)), pending: Number(tokens[offset + 4] ?? 0) };
}

/**
 * The reply subject of the first delivery of message `seq`, which came after the delivery with the reply subject `reply`
 * and did not arrive. The server looks at the message's sequence, and whether the delivery's own is plausible.
 */
export function laterAckSubject(reply: string, seq: number): string {
  const tokens = reply.split('.');
  const offset = tokens.length === 9 ? 4 : 6;
  const behind = Number(tokens[offset + 2]) + 1;
  return tokens
    .with(offset, '1')
    .with(offset + 1, String(seq))
    .with(offset + 2, String(behind))
    .join('.');
}
