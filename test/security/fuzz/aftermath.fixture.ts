import { decode, parseRunSubject, STREAMS } from '@troupe/contract';
import type { Cluster } from '@troupe/scripts/cluster';
import { asAdmin, readLogs } from '../../faults/evidence.ts';

/** A durable consumer as the server sees it. */
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
  asAdmin(cluster.server, async ({ consumers }) => {
    const found: Consumer[] = [];
    for (const stream of [STREAMS.goals, STREAMS.runs, STREAMS.timers])
      for await (const { name, num_pending, num_ack_pending, delivered } of consumers.list(stream))
        found.push({
          name: `${stream} ${name}`,
          pending: num_pending,
          inHand: num_ack_pending,
          deliveries: delivered.consumer_seq,
        });
    return found;
  });

/**
 * How many messages each consumer may keep in hand: those of a newer version, and those to a role whose own log was
 * forged in that run. Both wait with growing pauses.
 */
export async function mayWait(cluster: Cluster, forged: ReadonlySet<string>): Promise<Map<string, number>> {
  const { logs } = await readLogs(cluster.server);
  const waits = new Map<string, number>();
  for (const [run, stored] of logs) {
    for (const { subject, bytes } of stored) {
      const to = parseRunSubject(subject)?.to ?? '';
      if (!isNewer(bytes) && !forged.has(`${to} ${run}`)) continue;
      const consumer = `${STREAMS.runs} ${to}`;
      waits.set(consumer, (waits.get(consumer) ?? 0) + 1);
    }
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
