import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { subjects } from '@troupe/contract';
import { Cluster } from '@troupe/scripts/cluster';
import { connect } from '@nats-io/transport-node';
import getPort from 'get-port';
import { percentile } from '../bench/statistics.ts';
import { audit, type Audit } from './audit.ts';
import { readEffects, readLogs, readResumeTimes } from './evidence.ts';
import { seeded } from './random.ts';

export interface FaultOptions {
  name: string;
  runs: number;
  seed: number;
  replicas: number;
  /** Kill role processes all the time. */
  killRoles: boolean;
  /** Kills of nats-server, spread over the run. */
  serverKills: number;
  /** Give up after this long. */
  timeoutMs: number;
}

export interface FaultResult extends Audit {
  name: string;
  seed: number;
  seconds: number;
  role_kills: number;
  server_kills: number;
  dead_letters: number;
  /** Calls of the tool that is not idempotent that ran, and how often the most frequent one did. */
  effect_calls: number;
  effect_runs_per_call_max: number;
  /** From a crash to the moment its interrupted work was taken up again. */
  resume_p50_ms: number;
  resume_p99_ms: number;
  resumed: number;
}

/** The tool that is not idempotent is denied by default; here it is what the runs use. */
const POLICY = `version: faults-1
rules:
  - { id: notes, tools: [append_note], roles: [researcher], effect: allow }
`;
const KILL_MS_MIN = 100;
const KILL_MS_MAX = 300;
const MODEL_MS = 100;
const MODEL_JITTER_MS = 300;

/** Publishes `runs` goals, kills processes until the last has ended, then audits everything that was written. */
export async function runFaults(options: FaultOptions, log: (line: string) => void): Promise<FaultResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-faults-'));
  const policy = join(dataDir, 'policy.yaml');
  writeFileSync(policy, POLICY);
  const env = {
    TROUPE_POLICY: policy,
    TROUPE_DOCS: join(import.meta.dirname, '..', 'fixtures', 'docs'),
    TROUPE_LOG_LEVEL: 'debug',
    TROUPE_MODEL_PROVIDER: 'scripted',
    TROUPE_MODEL_CONCURRENCY: '50000',
    TROUPE_SCRIPTED_LATENCY_MS: String(MODEL_MS),
    TROUPE_SCRIPTED_JITTER_MS: String(MODEL_JITTER_MS),
  };
  const cluster = await Cluster.start({
    dataDir,
    natsPort: await getPort(),
    sync: 'always',
    replicas: options.replicas,
    metricsPort: 0,
    env,
  });
  try {
    return await torment(cluster, options, dataDir, log);
  } finally {
    await cluster.stop();
    if (process.env['KEEP_DATA'] === undefined) rmSync(dataDir, { recursive: true, force: true });
    else log(`  kept ${dataDir}`);
  }
}

async function torment(
  cluster: Cluster,
  options: FaultOptions,
  dataDir: string,
  log: (line: string) => void,
): Promise<FaultResult> {
  const { runs, seed, name } = options;
  const random = seeded(seed);
  const crashes = new Map<string, number[]>();
  const begun = Date.now();
  const ended = await publishGoals(cluster.server.url, runs);
  const isOver = () => ended.size >= runs || Date.now() - begun > options.timeoutMs;
  const killing = options.killRoles ? killRoles(cluster, random, crashes, isOver) : Promise.resolve(0);
  const serverKills = killServer(cluster, options.serverKills, random, isOver);
  while (!isOver()) {
    await sleep(1_000);
    log(`  ${name}: ${ended.size} of ${runs} runs ended, ${Math.round((Date.now() - begun) / 1_000)} s`);
  }
  const seconds = (Date.now() - begun) / 1_000;
  const [role_kills, server_kills] = [await killing, await serverKills];
  const { entries, dead } = await settled(cluster, runs);
  const effects = readEffects(dataDir);
  const resumes = readResumeTimes(dataDir, crashes);
  return {
    name,
    seed,
    seconds,
    role_kills,
    server_kills,
    ...audit(entries, runs),
    dead_letters: dead,
    effect_calls: effects.calls,
    effect_runs_per_call_max: effects.most,
    resume_p50_ms: Math.round(percentile(resumes, 0.5)),
    resume_p99_ms: Math.round(percentile(resumes, 0.99)),
    resumed: resumes.length,
  };
}

/** Publishes all goals and collects the runs that ended, through restarts of the server. */
async function publishGoals(url: string, runs: number): Promise<Set<string>> {
  const nc = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const ended = new Set<string>();
  nc.subscribe(subjects.allLiveResults, {
    callback: (error, message) => {
      if (error === null) ended.add(message.subject.split('.')[2] ?? '');
    },
  });
  for (let index = 0; index < runs; index += 1) {
    const goal = `note: fault run ${index}: what do the documents say about durable logs and about costs?`;
    // With a reply, so that the goal is known to be stored before anything is killed.
    await nc.request(subjects.goals('default'), JSON.stringify({ goal }), { timeout: 10_000 });
  }
  return ended;
}

async function killRoles(
  cluster: Cluster,
  random: () => number,
  crashes: Map<string, number[]>,
  isOver: () => boolean,
): Promise<number> {
  let kills = 0;
  while (!isOver()) {
    await sleep(KILL_MS_MIN + random() * (KILL_MS_MAX - KILL_MS_MIN));
    const victim = cluster.children[Math.floor(random() * cluster.children.length)];
    if (victim?.pid === undefined) continue;
    const { name } = victim.options;
    crashes.set(name, [...(crashes.get(name) ?? []), Date.now()]);
    victim.crash(true);
    kills += 1;
  }
  return kills;
}

async function killServer(
  cluster: Cluster,
  times: number,
  random: () => number,
  isOver: () => boolean,
): Promise<number> {
  let kills = 0;
  while (kills < times && !isOver()) {
    await sleep(300 + random() * 700);
    await cluster.crashServer();
    kills += 1;
  }
  return kills;
}

/** Marks of late messages (a note that a result came after the end) may still be under way: waits for them. */
async function settled(cluster: Cluster, runs: number): Promise<Awaited<ReturnType<typeof readLogs>>> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const logs = await readLogs(cluster.server);
    if (audit(logs.entries, runs).violations.length === 0 || Date.now() > deadline) return logs;
    await sleep(500);
  }
}
