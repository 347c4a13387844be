import type { NatsConnection } from '@nats-io/nats-core';

const waiting = new WeakMap<NatsConnection, Set<() => void>>();

/**
 * Calls back when the connection is lost, and again when it is back: what was asked until then is not answered, also what
 * was asked in between, because the client drops what it could not send. Gives the end of that.
 */
export function whenLost(nc: NatsConnection, lost: () => void): () => void {
  const all = waiting.get(nc) ?? follow(nc);
  all.add(lost);
  return () => void all.delete(lost);
}

/** One reader of its status for each connection. */
function follow(nc: NatsConnection): Set<() => void> {
  const all = new Set<() => void>();
  waiting.set(nc, all);
  void (async () => {
    for await (const { type } of nc.status())
      if (type === 'disconnect' || type === 'reconnect') for (const lost of all) lost();
  })();
  return all;
}
