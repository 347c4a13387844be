import { decode, parseRunSubject, type RunRef, STREAMS } from '@troupe/contract';
import type { Cluster } from '@troupe/scripts/cluster';
import { asAdmin, readLogs } from '../../faults/evidence.ts';

/** A durable consumer as the server sees it; those of one role in all shards of the log, or of TIMERS, are one here. */
export interface Consumer {
  name: string;
  /** Not delivered yet. */
  pending: number;
  /** Delivered, and neither taken nor buried. */
  inHand: number;
  /** Deliveries ever made, redeliveries included. */
  deliveries: number;
}

export const consumersOf = (cluster: Cluster): Promise<Consumer[]> =>
  asAdmin(cluster.server, async ({ consumers }, layout) => {
    const found = new Map<string, Consumer>();
    for (const stream of [STREAMS.goals, ...layout.streams, STREAMS.timers])
      for await (const consumer of consumers.list(stream)) {
        const name = withoutShard(`${stream} ${consumer.name}`);
        const { pending, inHand, deliveries } = found.get(name) ?? { pending: 0, inHand: 0, deliveries: 0 };
        found.set(name, {
          name,
          pending: pending + consumer.num_pending,
          inHand: inHand + consumer.num_ack_pending,
          deliveries: deliveries + consumer.delivered.consumer_seq,
        });
      }
    return [...found.values()];
  });

/** Names and subjects that differ by the shard alone are the same without it. */
export const withoutShard = (name: string): string => name.replaceAll(/[._]\d+(?=[. ]|$)/g, '');

/** A role's own log in a run. */
export const logOf = (role: string, { tenant, run }: RunRef): string => `${role} ${tenant} ${run}`;

/**
 * How many messages each consumer may keep in hand: those of a newer version, and those to a role whose own log was
 * forged in that run. Both wait with growing pauses. What people publish never waits: it is taken in or buried.
 */
export async function mayWait(cluster: Cluster, forged: ReadonlySet<string>): Promise<Map<string, number>> {
  const { logs } = await readLogs(cluster.server);
  const waits = new Map<string, number>();
  for (const { subject, bytes } of [...logs.values()].flat()) {
    const address = parseRunSubject(subject);
    if (address === undefined || (!isNewer(bytes) && !forged.has(logOf(address.to, address)))) continue;
    const consumer = `RUNS ${address.to}`;
    waits.set(consumer, (waits.get(consumer) ?? 0) + 1);
  }
  return waits;
}

function isNewer(bytes: Uint8Array): boolean {
  try {
    const value = decode(bytes);
    return typeof value === 'object' && value !== null && 'v' in value && typeof value.v === 'number' && value.v > 1;
  } catch {
    return false;
  }
}
