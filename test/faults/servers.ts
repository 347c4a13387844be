import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedCluster } from '@troupe/nats';
import { asAdmin } from './evidence.ts';
import type { Torment } from './scenario.ts';

const LOOK_MS = 200;

/** The servers of a scenario that has several. */
export function serversOf({ cluster }: Torment): EmbeddedCluster {
  if (cluster.servers === undefined) throw new Error('this scenario needs several servers');
  return cluster.servers;
}

/** Waits until each stream and consumer has a leader and copies that are up to date, or it is over. */
export async function untilWhole(torment: Torment): Promise<void> {
  while (!torment.isOver()) {
    if (await isWhole(torment).catch(() => false)) return;
    await sleep(LOOK_MS);
  }
}

interface Copies {
  leader?: string;
  replicas?: readonly { current: boolean; offline?: boolean }[];
}

function isWhole(torment: Torment): Promise<boolean> {
  const others = serversOf(torment).members.length - 1;
  const isComplete = ({ leader, replicas = [] }: Copies = {}) =>
    leader !== undefined && replicas.filter(({ current, offline }) => current && offline !== true).length === others;
  return asAdmin(torment.cluster.server, async (manager) => {
    for await (const { config, cluster } of manager.streams.list()) {
      if (!isComplete(cluster)) return false;
      for await (const consumer of manager.consumers.list(config.name)) if (!isComplete(consumer.cluster)) return false;
    }
    return true;
  });
}

/** The number of the server that leads this stream; undefined while none does. */
export function leaderOf({ cluster }: Torment, stream: string): Promise<number | undefined> {
  return asAdmin(cluster.server, async (manager) => {
    const { cluster: copies } = await manager.streams.info(stream);
    const index = Number(copies?.leader?.split('-').at(-1));
    return Number.isInteger(index) ? index : undefined;
  });
}
