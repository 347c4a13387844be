import getPort from 'get-port';
import { startCompany } from './company.ts';
import { measureProcessFloor } from './floor-processes.ts';
import { type Measured, measured, measureFloor } from './floor.ts';
import { runLoad } from './load.ts';
import { startPlainServer } from './plain-server.ts';
import { round } from './statistics.ts';

/** Durable messages of the run in "What a run costs" of shared/README.md; `test/journeys` holds the number to what happens. */
export const HOPS = 24;

export interface RunsMeasured extends Measured {
  concurrency: number;
  runs: number;
  completed: number;
  floor: Measured;
  /** Full runs' hops/s over the floor's, in the same run of the benchmark. */
  hops_ratio: number;
  /** Full runs' p50 over the floor's. */
  p50_ratio: number;
  /** The same chain with each hop in another process, and the ratios to it. */
  process_floor: Measured;
  process_hops_ratio: number;
  process_p50_ratio: number;
}

export interface SyncMeasured {
  sync: string;
  loads: RunsMeasured[];
  rss_mb: Record<string, number>;
}

export interface WaitingMeasured {
  runs: number;
  model_ms: number;
  seconds: number;
  /** Seven model calls follow each other in a run: less is impossible. */
  ideal_seconds: number;
  redeliveries: number;
  /** While every run waits for its first answer; empty if the calls are too short to look. */
  waiting_rss_mb: Record<string, number>;
  /** At the end, with what the garbage collector has not taken back yet. */
  rss_mb: Record<string, number>;
  /** CPU of all processes while every run waits for a model, as a share of one core. */
  waiting_cpu_share: number;
}

const WARMUP_RUNS = 200;
const CALLS_IN_A_ROW = 7;

/** Full runs at each concurrency, with the floor beside them, at one durability setting. */
export async function measureSync(
  { sync, shards, replicas }: { sync: string; shards: number; replicas: number },
  loads: { concurrency: number; runs: number }[],
  log: (line: string) => void,
): Promise<SyncMeasured> {
  const floors = await floorsFor(sync, loads, log);
  const company = await startCompany({ sync, latencyMs: 0, shards, replicas });
  try {
    const { url } = company.cluster.server;
    await runLoad(url, WARMUP_RUNS * 5, 50, 120_000);
    const results: RunsMeasured[] = [];
    for (const [index, { concurrency, runs }] of loads.entries()) {
      const cpuBefore = company.cpu();
      const { latenciesMs, seconds, statuses } = await runLoad(url, runs, concurrency, 300_000);
      const full = measured(latenciesMs, seconds, HOPS, company.cpu() - cpuBefore);
      const { floor, process_floor } = floors[index] ?? { floor: full, process_floor: full };
      results.push({
        concurrency,
        runs,
        completed: statuses['completed'] ?? 0,
        ...full,
        floor,
        hops_ratio: round(full.hops_per_s / floor.hops_per_s, 2),
        p50_ratio: round(full.p50_ms / floor.p50_ms, 2),
        process_floor,
        process_hops_ratio: round(full.hops_per_s / process_floor.hops_per_s, 2),
        process_p50_ratio: round(full.p50_ms / process_floor.p50_ms, 2),
      });
      log(`  sync ${sync}, ${concurrency} in flight: ${full.runs_per_s} runs/s (floor ${floor.runs_per_s})`);
    }
    return { sync, loads: results, rss_mb: company.rss() };
  } finally {
    await company.stop();
  }
}

interface Floors {
  floor: Measured;
  process_floor: Measured;
}

async function floorsFor(
  sync: string,
  loads: { concurrency: number; runs: number }[],
  log: (line: string) => void,
): Promise<Floors[]> {
  const server = await startPlainServer(await getPort(), sync);
  try {
    const floors: Floors[] = [];
    await measureFloor(server, HOPS, WARMUP_RUNS, 20);
    for (const { concurrency, runs } of loads) {
      const floor = await measureFloor(server, HOPS, runs, concurrency);
      const process_floor = await measureProcessFloor(server, HOPS, runs, concurrency);
      floors.push({ floor, process_floor });
      log(
        `  floor, sync ${sync}, ${concurrency} in flight: ${floor.runs_per_s} runs/s, across processes ${process_floor.runs_per_s}`,
      );
    }
    return floors;
  } finally {
    await server.stop();
  }
}

/** Many runs at once whose model calls take `modelMs`: the system has to get out of the way. */
export async function measureWaiting(
  runs: number,
  modelMs: number,
  log: (line: string) => void,
): Promise<WaitingMeasured> {
  const company = await startCompany({ sync: '2m', latencyMs: modelMs });
  try {
    const before = await company.counter('troupe_redeliveries_total');
    let waitingShare = 0;
    let waiting_rss_mb: Record<string, number> = {};
    const { seconds } = await runLoad(
      company.cluster.server.url,
      runs,
      runs,
      CALLS_IN_A_ROW * modelMs * 3 + 120_000,
      async () => {
        if (modelMs < 5_000) return;
        // Once all goals are taken in, every run waits for its plan: what is used now is the price of waiting.
        await new Promise((resolve) => setTimeout(resolve, modelMs * 0.5));
        const [cpu, since] = [company.cpu(), performance.now()];
        await new Promise((resolve) => setTimeout(resolve, modelMs * 0.3));
        waitingShare = (company.cpu() - cpu) / (performance.now() - since);
        waiting_rss_mb = company.rss();
      },
    );
    const redeliveries = (await company.counter('troupe_redeliveries_total')) - before;
    log(`  ${runs} runs, model calls of ${modelMs} ms: ${round(seconds)} s`);
    const ideal_seconds = (CALLS_IN_A_ROW * modelMs) / 1_000;
    return {
      runs,
      model_ms: modelMs,
      seconds: round(seconds),
      ideal_seconds,
      redeliveries,
      waiting_rss_mb,
      rss_mb: company.rss(),
      waiting_cpu_share: round(waitingShare, 3),
    };
  } finally {
    await company.stop();
  }
}
