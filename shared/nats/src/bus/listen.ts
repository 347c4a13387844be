import type { Msg, Subscription } from '@nats-io/nats-core';
import type { Bus } from './connect.ts';
import type { Unreadable } from './unreadable.ts';

/**
 * Subscribes with a callback that cannot throw. An exception in a callback of the client ends the loop that reads
 * its socket: the process hears nothing more until the server notices, after 20 s or more. `handle` is synchronous;
 * what it throws is counted and forgotten.
 */
export function listen(
  bus: Bus,
  subject: string,
  unreadable: Unreadable,
  handle: (message: Msg) => void,
  options: { queue?: string } = {},
): Subscription {
  return bus.nc.subscribe(subject, {
    ...options,
    callback: (error, message) => {
      // A refusal of the subscription is told by the connection's status.
      if (error !== null) return;
      try {
        handle(message);
      } catch (reason) {
        unreadable.ignore(message.subject, reason);
      }
    },
  });
}
