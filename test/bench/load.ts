import { DEFAULT_TENANT, subjects } from '@troupe/contract';
import { connect } from '@nats-io/transport-node';
import { z } from 'zod';

const Result = z.object({ body: z.object({ status: z.string(), goal: z.string() }) });

export interface LoadResult {
  latenciesMs: number[];
  seconds: number;
  statuses: Record<string, number>;
}

/**
 * Publishes `runs` goals as any client would, `concurrency` in flight at once, and waits for every result.
 * `onStarted` is called when the first batch is out.
 */
export async function runLoad(
  url: string,
  runs: number,
  concurrency: number,
  timeoutMs: number,
  onStarted?: () => Promise<void>,
): Promise<LoadResult> {
  const nc = await connect({ servers: url });
  const label = `bench ${Math.random().toString(36).slice(2)}`;
  const started = new Map<string, number>();
  const latenciesMs: number[] = [];
  const statuses: Record<string, number> = {};
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
  let next = 0;
  const begin = () => {
    const goal = `${label} run ${next++}: what does the report say about durable logs and about costs?`;
    started.set(goal, performance.now());
    nc.publish(subjects.goals(DEFAULT_TENANT), JSON.stringify({ goal }));
  };
  nc.subscribe(subjects.liveResultsOf(DEFAULT_TENANT), {
    callback: (error, message) => {
      if (error !== null) return reject(error);
      const { body } = Result.parse(message.json());
      const since = started.get(body.goal);
      if (since === undefined) return;
      started.delete(body.goal);
      latenciesMs.push(performance.now() - since);
      statuses[body.status] = (statuses[body.status] ?? 0) + 1;
      if (next < runs) begin();
      if (latenciesMs.length === runs) resolve();
    },
  });
  await nc.flush();
  const begun = performance.now();
  const timer = setTimeout(
    () => reject(new Error(`${runs - latenciesMs.length} of ${runs} runs did not end within ${timeoutMs} ms`)),
    timeoutMs,
  );
  for (let index = 0; index < Math.min(concurrency, runs); index += 1) begin();
  await onStarted?.();
  await finished;
  clearTimeout(timer);
  const seconds = (performance.now() - begun) / 1_000;
  await nc.close();
  return { latenciesMs, seconds, statuses };
}
