import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelApi } from '../models/protocols.ts';
import { type Asked, ModelsRig } from './models-rig.ts';
import type { Timed } from './models-calls.ts';
import { percentile, round } from './statistics.ts';

/** What a call through the gateway takes, beyond the same call made with the SDK alone. */
export interface CallsMeasured {
  in_flight: number;
  calls: number;
  direct_p50_ms: number;
  direct_p99_ms: number;
  added_p50_ms: number;
  added_p99_ms: number;
  direct_cpu_ms: number;
  added_cpu_ms: number;
  asker_cpu_ms: number;
}

/** One after the other, then many at once, then streams that stay open. */
export interface ModelsMeasured extends CallsMeasured {
  api: string;
  at_once: CallsMeasured;
  rss_mb: number;
  streams: number;
  streams_rss_mb: number;
}

export interface ModelsLoad {
  rounds: number;
  /** Calls of a round, one after the other. */
  calls: number;
  /** Calls of a round that are made {@link AT_ONCE} at once. */
  callsAtOnce: number;
  /** Through the gateway and directly, before anything is measured. */
  warmup: number;
  /** Answers that are open at the same time, and how long two of their events are apart. */
  streams: number;
  paceMs: number;
}

const AT_ONCE = 50;
const LOOK_MS = 50;

/**
 * What the gateway adds to a model call of one API: the same requests to the same server, through the gateway and directly,
 * a moment each, in the order AB BA AB …. Rejects unless each call was a request of its own.
 */
export async function measureModels(
  api: ModelApi,
  load: ModelsLoad,
  log: (line: string) => void,
): Promise<ModelsMeasured> {
  const rig = await ModelsRig.start(api);
  try {
    await rig.ask(load.warmup, AT_ONCE);
    await rig.callDirectly(load.warmup, AT_ONCE);
    const one = await measureCalls(rig, load.rounds, load.calls, 1);
    log(
      `  ${api}, one after the other: the gateway adds ${one.added_p50_ms} ms (p50) and ${one.added_cpu_ms} ms of CPU`,
    );
    const many = await measureCalls(rig, load.rounds, load.callsAtOnce, AT_ONCE);
    log(
      `  ${api}, ${AT_ONCE} at once: the gateway adds ${many.added_p50_ms} ms (p50) and ${many.added_cpu_ms} ms of CPU`,
    );
    const rss_mb = rig.gatewayRssMb();
    const streams_rss_mb = await measureStreams(rig, load);
    log(`  ${api}, ${load.streams} streams at once: the gateway has ${streams_rss_mb} MB (${rss_mb} before)`);
    await rig.checkRequests();
    return { api, ...one, at_once: many, rss_mb, streams: load.streams, streams_rss_mb };
  } finally {
    await rig.stop();
  }
}

async function measureCalls(rig: ModelsRig, rounds: number, calls: number, inFlight: number): Promise<CallsMeasured> {
  const asked: Asked[] = [];
  const direct: Timed[] = [];
  while (asked.length < rounds) {
    const isDirectFirst = asked.length % 2 === 1;
    if (isDirectFirst) direct.push(await rig.callDirectly(calls, inFlight));
    asked.push(await rig.ask(calls, inFlight));
    if (!isDirectFirst) direct.push(await rig.callDirectly(calls, inFlight));
  }
  return compared(inFlight, asked, direct);
}

/** Percentiles are of all rounds together. */
function compared(inFlight: number, asked: readonly Asked[], direct: readonly Timed[]): CallsMeasured {
  const through = asked.flatMap(({ latenciesMs }) => latenciesMs);
  const alone = direct.flatMap(({ latenciesMs }) => latenciesMs);
  const added = (share: number) => round(percentile(through, share) - percentile(alone, share), 2);
  const calls = through.length;
  const directCpuMs = sum(direct.map(({ cpuMs }) => cpuMs)) / calls;
  const brokeredCpuMs = sum(asked.map(({ brokeredCpuMs: ms }) => ms)) / calls;
  return {
    in_flight: inFlight,
    calls,
    direct_p50_ms: round(percentile(alone, 0.5), 2),
    direct_p99_ms: round(percentile(alone, 0.99), 2),
    added_p50_ms: added(0.5),
    added_p99_ms: added(0.99),
    direct_cpu_ms: round(directCpuMs, 2),
    added_cpu_ms: round(brokeredCpuMs - directCpuMs, 2),
    asker_cpu_ms: round(sum(asked.map(({ cpuMs }) => cpuMs)) / calls, 2),
  };
}

/** The most memory that the gateway had while all streams were open at once, in MB. */
async function measureStreams(rig: ModelsRig, { streams, paceMs }: ModelsLoad): Promise<number> {
  await rig.setPace(paceMs);
  let peakMb = 0;
  let isOver = false;
  const over = rig.ask(streams, streams).finally(() => (isOver = true));
  while (!isOver) {
    peakMb = Math.max(peakMb, rig.gatewayRssMb());
    await Promise.race([sleep(LOOK_MS), over]);
  }
  await over;
  const atOnce = await rig.atOnceMax();
  if (atOnce < streams) throw new Error(`Only ${atOnce} of ${streams} streams were open at once.`);
  await rig.setPace(0);
  return peakMb;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
