import { STREAMS, subjects } from '@troupe/contract';
import { type Bus, connectAs, lastSeq, readStored, RunReader } from '@troupe/nats';
import { type Company, startCompany } from './company.ts';
import { runLoad } from './load.ts';
import { percentile, round } from './statistics.ts';

/** One stage of a long load. */
interface Stage {
  /** Runs that had ended by then. */
  runs: number;
  runs_per_s: number;
  cpu_ms_per_run: number;
  /** Resident memory per process in MB. */
  rss_mb: Record<string, number>;
  /** Runs in the archive. */
  archived: number;
  /** To read a whole run that is in the archive alone. */
  read_p50_ms: number;
  read_max_ms: number;
}

/** What many runs leave behind in a server and in the processes, with runs leaving the log all the time. */
export interface EnduranceMeasured {
  sync: string;
  keep_ms: number;
  stages: Stage[];
}

interface Load {
  sync: string;
  runs: number;
  /** How long runs stay in the log. */
  keepMs: number;
  shards: number;
}

const IN_FLIGHT = 50;
/** Before the first stage is measured: processes compile what they run. */
const WARMUP_RUNS = 1_000;
/** The runs that are measured by themselves at the beginning and at the end. */
const MEASURED_RUNS = 1_000;
const STAGE_RUNS = 20_000;
const READS = 50;
const RUN_MS_MAX = 3_600_000;

/** `runs` runs one after the other, 50 in flight, with the archiver on: in stages, the first and the last of 1,000 runs. */
export async function measureEndurance(load: Load, log: (line: string) => void): Promise<EnduranceMeasured> {
  const { sync, runs, keepMs, shards } = load;
  const company = await startCompany({ sync, latencyMs: 0, shards, env: { TROUPE_ARCHIVE_KEEP_MS: String(keepMs) } });
  const viewer = await connectAs('viewer', company.cluster.server);
  const stages: Stage[] = [];
  try {
    await runLoad(company.cluster.server.url, WARMUP_RUNS, IN_FLIGHT, RUN_MS_MAX);
    let done = WARMUP_RUNS;
    while (done < runs) {
      const isMeasured = stages.length === 0 || runs - done <= MEASURED_RUNS;
      const next = isMeasured ? MEASURED_RUNS : Math.min(STAGE_RUNS, runs - done - MEASURED_RUNS);
      stages.push(await stageOf(company, viewer, next, (done += next)));
      log(`  ${JSON.stringify(stages.at(-1))}`);
    }
    return { sync, keep_ms: keepMs, stages };
  } finally {
    await viewer.nc.close();
    await company.stop();
  }
}

async function stageOf(company: Company, viewer: Bus, runs: number, done: number): Promise<Stage> {
  const before = company.cpu();
  const { seconds } = await runLoad(company.cluster.server.url, runs, IN_FLIGHT, RUN_MS_MAX);
  const cpu = company.cpu() - before;
  const archived = await lastSeq(viewer, STREAMS.archive);
  const reads = await readsOf(viewer, archived);
  return {
    runs: done,
    runs_per_s: round(runs / seconds),
    cpu_ms_per_run: round(cpu / runs, 2),
    rss_mb: company.rss(),
    archived,
    read_p50_ms: round(percentile(reads, 0.5)),
    read_max_ms: round(Math.max(0, ...reads)),
  };
}

/** How long it takes to read runs from all over the archive, in ms each. */
async function readsOf(viewer: Bus, archived: number): Promise<number[]> {
  const reader = new RunReader(viewer);
  const times: number[] = [];
  for (let index = 0; index < READS && archived > 0; index += 1) {
    const fromSeq = 1 + Math.floor((index * archived) / READS);
    const run = await runAt(viewer, fromSeq);
    if (run === undefined || (await reader.isInLog(run))) continue;
    const since = performance.now();
    const entries = await reader.log(run);
    times.push(performance.now() - since);
    if (entries.length === 0) throw new Error(`the run ${run} is neither in the log nor in the archive`);
  }
  return times;
}

async function runAt(viewer: Bus, fromSeq: number): Promise<string | undefined> {
  const query = { stream: STREAMS.archive, subject: subjects.allArchived, fromSeq, batch: 1 };
  for await (const { subject } of readStored(viewer, query)) return subject.split('.')[3];
  return undefined;
}
