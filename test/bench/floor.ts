import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { cpuMs } from './process-usage.ts';
import { percentile, round } from './statistics.ts';

export interface Measured {
  runs_per_s: number;
  hops_per_s: number;
  p50_ms: number;
  p99_ms: number;
  cpu_ms_per_run: number;
}

const BODY = new Uint8Array(600);

/**
 * The floor: a chain of `hops` durable messages per run, each published with ack by the handler of the one before,
 * then acked, with the official client in one process, no roles, no accounts, no expectations. `concurrency` chains
 * are under way at once.
 */
export async function measureFloor(
  server: { url: string; pid: number },
  hops: number,
  runs: number,
  concurrency: number,
): Promise<Measured> {
  const nc = await connect({ servers: server.url });
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: 'FLOOR', subjects: ['floor.>'], storage: 'file' });
  await manager.consumers.add('FLOOR', { durable_name: 'floor', ack_policy: 'explicit', max_ack_pending: 10_000 });
  const js = jetstream(nc);
  const started = new Map<number, number>();
  const latencies: number[] = [];
  const { promise: finished, resolve } = Promise.withResolvers<void>();
  let next = 0;
  const begin = async () => {
    const run = next++;
    started.set(run, performance.now());
    await js.publish(`floor.${run}.1`, BODY);
  };
  const onHop = async (run: number, hop: number) => {
    if (hop < hops) return void (await js.publish(`floor.${run}.${hop + 1}`, BODY));
    latencies.push(performance.now() - (started.get(run) ?? 0));
    started.delete(run);
    if (latencies.length === runs) resolve();
    else if (next < runs) await begin();
  };
  const consumer = await js.consumers.get('FLOOR', 'floor');
  const messages = await consumer.consume({
    max_messages: 500,
    callback: (message) => {
      const [, run, hop] = message.subject.split('.');
      onHop(Number(run), Number(hop)).then(
        () => message.ack(),
        () => message.nak(),
      );
    },
  });
  const cpu = () => cpuMs(process.pid) + cpuMs(server.pid);
  const cpuBefore = cpu();
  const begun = performance.now();
  await Promise.all(Array.from({ length: Math.min(concurrency, runs) }, begin));
  await finished;
  const seconds = (performance.now() - begun) / 1_000;
  const cpuUsed = cpu() - cpuBefore;
  messages.stop();
  await manager.streams.delete('FLOOR');
  await nc.close();
  return measured(latencies, seconds, hops, cpuUsed);
}

export function measured(latencies: readonly number[], seconds: number, hops: number, cpuUsedMs: number): Measured {
  const runs = latencies.length;
  return {
    runs_per_s: round(runs / seconds),
    hops_per_s: Math.round((runs * hops) / seconds),
    p50_ms: round(percentile(latencies, 0.5)),
    p99_ms: round(percentile(latencies, 0.99)),
    cpu_ms_per_run: round(cpuUsedMs / runs, 2),
  };
}
