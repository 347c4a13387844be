import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { FLOOR_BODY, stageOf, STAGES, stageSubject } from './floor-stages.ts';
import { type Measured, measured } from './floor.ts';
import { cpuMs } from './process-usage.ts';

/**
 * The floor across processes: the same chain of `hops` durable messages, but each hop is taken by another process, as
 * the roles are other processes. Nothing is decided, checked or asked. Official client, no accounts.
 */
export async function measureProcessFloor(
  server: { url: string; pid: number },
  hops: number,
  runs: number,
  concurrency: number,
): Promise<Measured> {
  const nc = await connect({ servers: server.url });
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: 'FLOOR', subjects: ['floor.>'], storage: 'file' });
  const stages = Array.from({ length: STAGES }, (_, index) => stageOf(index));
  for (const stage of stages) {
    const filter_subject = `floor.*.*.${stage}`;
    await manager.consumers.add('FLOOR', {
      durable_name: stage,
      filter_subject,
      ack_policy: 'explicit',
      max_ack_pending: 10_000,
    });
  }
  const children = await Promise.all(stages.map((stage) => startStage(server.url, stage, hops)));
  const cpu = () =>
    [server.pid, process.pid, ...children.map(({ pid }) => pid ?? 0)].reduce((sum, pid) => sum + cpuMs(pid), 0);
  try {
    const js = jetstream(nc);
    const chain = async (count: number, first: number) =>
      drive(nc, (run) => js.publish(stageSubject(run, 1), FLOOR_BODY), { first, count, concurrency });
    await chain(Math.min(runs, 200), 0);
    const cpuBefore = cpu();
    const { latencies, seconds } = await chain(runs, 1_000_000);
    return measured(latencies, seconds, hops, cpu() - cpuBefore);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await manager.streams.delete('FLOOR');
    await nc.close();
  }
}

async function startStage(url: string, stage: string, hops: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'floor-stage.ts'), url, stage, String(hops)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

interface Chains {
  first: number;
  count: number;
  concurrency: number;
}

/** Keeps `concurrency` chains under way until `count` have ended. */
async function drive(
  nc: Awaited<ReturnType<typeof connect>>,
  start: (run: number) => Promise<unknown>,
  { first, count, concurrency }: Chains,
) {
  const started = new Map<number, number>();
  const latencies: number[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let next = first;
  const begin = () => {
    const run = next++;
    started.set(run, performance.now());
    start(run).catch(reject);
  };
  const subscription = nc.subscribe('done.*', {
    callback: (_error, message) => {
      const run = Number(message.subject.slice('done.'.length));
      latencies.push(performance.now() - (started.get(run) ?? 0));
      started.delete(run);
      if (next < first + count) begin();
      if (latencies.length === count) resolve();
    },
  });
  const begun = performance.now();
  for (let index = 0; index < Math.min(concurrency, count); index += 1) begin();
  await promise;
  subscription.unsubscribe();
  return { latencies, seconds: (performance.now() - begun) / 1_000 };
}
