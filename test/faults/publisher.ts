import { subjects } from '@troupe/contract';
import { serverUrls } from '@troupe/nats';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { setTimeout as sleep } from 'node:timers/promises';

const STORED_MS_MAX = 10_000;
const TRIES_MAX = 30;
const PAUSE_MS = 500;

/** What a goal of this test says: each research task of its run uses the tool that must not run twice. */
export const goalText = (index: number): string =>
  `note: fault run ${index}: what do the documents say about durable logs and about costs?`;

/** Effects that one run plans: the scripted plan has two research tasks with one note each. */
export const EFFECTS_PER_RUN = 2;

/** Publishes goals as any client would, each until it is known to be stored. */
export class Publisher {
  readonly #nc: NatsConnection;

  private constructor(nc: NatsConnection) {
    this.#nc = nc;
  }

  static async connect(url: string): Promise<Publisher> {
    const servers = serverUrls(url);
    return new Publisher(await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 100 }));
  }

  /** Stores a goal. With an `id`, so that one that is published again because the server was away is the same run. */
  async publish(goal: { id: string; goal: string; options?: Record<string, unknown> }): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const stored: unknown = (
          await this.#nc.request(subjects.goals('default'), JSON.stringify(goal), { timeout: STORED_MS_MAX })
        ).json();
        if (typeof stored === 'object' && stored !== null && 'error' in stored) throw new Error(JSON.stringify(stored));
        return;
      } catch (error) {
        if (tries >= TRIES_MAX) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  close(): Promise<void> {
    return this.#nc.close();
  }
}
