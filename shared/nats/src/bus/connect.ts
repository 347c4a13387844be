import { connect, createInbox, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import type { LogLayout } from '@troupe/contract';
import { readLayout, readSeed } from '../broker/credentials.ts';
import { Outbox } from './outbox.ts';
import { serverUrls } from './server-urls.ts';

/** A connection and the identity that it has. */
export interface Bus {
  readonly nc: NatsConnection;
  readonly name: string;
  /** Where in the log the runs of this installation are. */
  readonly layout: LogLayout;
  /** For publishes on the hot path. */
  readonly outbox: Outbox;
}

export interface BusSettings {
  /** One server, or several of one cluster, separated by commas. */
  url: string;
  /** Folder with the credentials. */
  authDir: string;
}

/**
 * Connects as a role or operator, with its own inbox prefix, and keeps reconnecting for ever. `waitOnFirst` also
 * waits for a server that is not up yet. Throws a sentence if the server refuses or cannot be reached.
 */
export async function connectAs(name: string, settings: BusSettings, waitOnFirst = false): Promise<Bus> {
  const seed = readSeed(settings.authDir, name);
  const layout = readLayout(settings.authDir, name);
  try {
    const nc = await connect({
      servers: serverUrls(settings.url),
      name,
      authenticator: nkeyAuthenticator(seed),
      inboxPrefix: `_INBOX_${name}`,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      reconnectJitter: 100,
      waitOnFirstConnect: waitOnFirst,
      pingInterval: 10_000,
      maxPingOut: 2,
      noAsyncTraces: true,
    });
    return { nc, name, layout, outbox: new Outbox(nc) };
  } catch (error) {
    throw new Error(
      `Cannot connect to NATS at ${settings.url} as "${name}": ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** A fresh inbox subject that this identity may subscribe to. */
export function inboxOf(bus: Bus): string {
  return createInbox(`_INBOX_${bus.name}`);
}
