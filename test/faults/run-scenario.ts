import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { auditRun, type RoleFacts, type RunAudit, type Stored } from '@troupe/audit';
import { Cluster } from '@troupe/scripts/cluster';
import type { ChildOptions } from '@troupe/scripts/role-child';
import { installedRoles } from '@troupe/scripts/roles';
import getPort from 'get-port';
import { percentile } from '../bench/statistics.ts';
import { compareEffects } from './effects.ts';
import { countEnded, countModelCalls, readEffects, readLogs, readResumeTimes } from './evidence.ts';
import { EFFECTS_PER_RUN, goalText, Publisher } from './publisher.ts';
import { seeded } from './random.ts';
import type { FaultResult } from './result.ts';
import type { Disturbances, Scenario } from './scenario.ts';
import { resumesAfter } from './resumes.ts';
import { longestStall } from './stalls.ts';
import { verdict } from './verdict.ts';
import type { WholeLogs } from './whole-logs.ts';

export interface RunOptions {
  runs: number;
  seed: number;
  /** Gives up after this long. */
  timeoutMs: number;
  log(line: string): void;
}

const MODEL_MS = 100;
const MODEL_JITTER_MS = 300;
const PUBLISH_MS = 30_000;
/** What a scenario makes for itself. */
const FOLDER = 'scenario';
/** Longer than a role's own grace at a stop. */
const DRAIN_MS_MAX = 15_000;
const READY_MS_MAX = 30_000;
const GRANT_TTL_MS = 600_000;
/** Late marks (a result that came after the end) may still be under way when the last run has ended. */
const SETTLE_MS_MAX = 20_000;

/** The tool that is not idempotent is denied by default; here it is what the runs use. */
const policy = (ttlMs: number) => `version: faults-1
grant_ttl_ms: ${ttlMs}
rules:
  - { id: notes, tools: [append_note], roles: [researcher], effect: allow }
`;

/** Starts a company, publishes goals, lets the scenario disturb it until the last run has ended, and looks at what is left. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<FaultResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-faults-'));
  const random = seeded(options.seed);
  const policyFile = join(dataDir, 'policy.yaml');
  writeFileSync(policyFile, policy(scenario.grantTtlMs ?? GRANT_TTL_MS));
  const folder = join(dataDir, FOLDER);
  const prepareChild = await scenario.prepare?.(folder, random);
  const cluster = await Cluster.start({
    dataDir,
    natsPort: await getPort(),
    sync: 'always',
    replicas: scenario.replicas ?? 1,
    servers: scenario.servers ?? 1,
    // Any: a port that was free may be an outgoing connection's by the time that a process wants it.
    metricsPort: 0,
    env: {
      TROUPE_POLICY: policyFile,
      TROUPE_DOCS: join(import.meta.dirname, '..', 'fixtures', 'docs'),
      TROUPE_LOG_LEVEL: 'debug',
      TROUPE_MODEL_PROVIDER: 'scripted',
      TROUPE_MODEL_CONCURRENCY: '50000',
      TROUPE_SCRIPTED_LATENCY_MS: String(MODEL_MS),
      TROUPE_SCRIPTED_JITTER_MS: String(MODEL_JITTER_MS),
      ...scenario.env,
    },
    ...(prepareChild === undefined ? {} : { prepareChild }),
  });
  try {
    return await observe(scenario, options, cluster, dataDir, random);
  } finally {
    await cluster.stop();
    if (process.env['KEEP_DATA'] === undefined) rmSync(dataDir, { recursive: true, force: true });
    else options.log(`  kept ${dataDir}`);
  }
}

interface Disturbed {
  runs: number;
  seconds: number;
  disturbances: Disturbances;
  /** Unix ms per role. */
  crashes: ReadonlyMap<string, readonly number[]>;
  /** When something was done to the servers, in Unix ms. */
  hits: readonly number[];
  /** How often an executor died, or hung for longer than its deliveries waited for it. */
  interruptions: number;
}

async function observe(
  scenario: Scenario,
  options: RunOptions,
  cluster: Cluster,
  dataDir: string,
  random: () => number,
): Promise<FaultResult> {
  const disturbed = await disturb(scenario, options, cluster, join(dataDir, FOLDER), random);
  const { runs, seconds, disturbances, crashes, hits, interruptions } = disturbed;
  const modelCalls = crashes.has('llm-gateway') ? undefined : await countModelCalls(cluster.metrics);
  const { logs, dead, audits, archived, left, wrong: ofArchive } = await settled(cluster, scenario);
  const ledger = audits.flatMap(({ effects }) => effects);
  const { done, runsPerCallMax, differences } = compareEffects(ledger, readEffects(dataDir));
  const resumes = [...readResumeTimes(dataDir, crashes), ...resumesAfter(logs, hits)];
  const stall = longestStall(logs);
  const answers = audits.reduce((sum, audit) => sum + audit.answers, 0);
  const result = {
    name: scenario.name,
    seed: options.seed,
    seconds,
    disturbances,
    runs: logs.size,
    runs_planned: runs,
    messages: audits.reduce((sum, { messages }) => sum + messages, 0),
    archived,
    left,
    statuses: countBy(audits.map(({ status }) => status)),
    violations: [
      ...audits.flatMap(({ violations }) => violations).map((v) => `${v.run}: ${v.rule}: ${v.sentence}`),
      ...ofArchive,
    ],
    dead_letters: dead,
    effects_planned: runs * EFFECTS_PER_RUN,
    effects_in_ledger: ledger.length,
    effects_applied: ledger.filter(({ outcome }) => outcome === 'applied').length,
    effects_unknown: ledger.filter(({ outcome }) => outcome === 'unknown').length,
    effects_done: done,
    effect_runs_per_call_max: runsPerCallMax,
    effect_differences: differences,
    model_answers: answers,
    model_calls: modelCalls,
    resumed: resumes.length,
    resume_p50_ms: Math.round(percentile(resumes, 0.5)),
    resume_p99_ms: Math.round(percentile(resumes, 0.99)),
    longest_stall_ms: stall.ms,
    longest_stall: stall.where,
  };
  const checked = scenario.check?.({ logs, answers, modelCalls, disturbances }) ?? [];
  const bounds = { absenceMs: scenario.absenceMs, resumeMsMax: scenario.resumeMsMax };
  const wrong = verdict(result, interruptions, checked, bounds);
  return { ...result, passed: wrong.length === 0, wrong };
}

/** Publishes goals evenly while the scenario does what it does, and waits for the last run to end. */
async function disturb(
  scenario: Scenario,
  { runs: wanted, seed, timeoutMs, log }: RunOptions,
  cluster: Cluster,
  folder: string,
  random: () => number,
): Promise<Disturbed> {
  const runs = Math.max(wanted, scenario.runsMin ?? 0);
  const crashes = new Map<string, number[]>();
  const begun = Date.now();
  const publisher = await Publisher.connect(cluster.server.url);
  let ended = 0;
  const timeMs = timeoutMs + (scenario.tormentMs ?? 0);
  let failed = false;
  const isOver = () => failed || ended >= runs || Date.now() - begun > timeMs;
  let interruptions = 0;
  const hits: number[] = [];
  const remember = () => void hits.push(Date.now());
  const note = (name: string) => void crashes.set(name, [...(crashes.get(name) ?? []), Date.now()]);
  const crash = (child: Cluster['children'][number]) => {
    const { name } = child.options;
    if (name === 'tool-executor') interruptions += 1;
    note(name);
    child.crash(true);
  };
  const replace = async (child: Cluster['children'][number], by: ChildOptions) => {
    note(by.name);
    await child.replace(by, DRAIN_MS_MAX);
    for (const deadline = Date.now() + READY_MS_MAX; !(await child.isReady());) {
      if (Date.now() > deadline) throw new Error(`${by.name} was not ready after it was replaced: ${child.lastWords}`);
      await sleep(20);
    }
  };
  const hang = async (child: Cluster['children'][number], ms: number) => {
    const { pid } = child;
    if (pid === undefined) return;
    if (child.options.name === 'tool-executor') interruptions += 1;
    process.kill(pid, 'SIGSTOP');
    await sleep(ms);
    // One that hangs for too long is killed by the launcher.
    if (child.pid === pid) process.kill(pid, 'SIGCONT');
  };
  const publishing = publishAll(scenario, publisher, runs, seeded(seed + 1));
  const tormenting = scenario.torment({ cluster, runs, folder, random, isOver, crash, remember, hang, replace, log });
  // Awaited at the end; a failure until then must not count as unhandled.
  for (const work of [publishing, tormenting]) work.catch(() => (failed = true));
  while (!isOver()) {
    await sleep(1_000);
    // The server may be away just now.
    ended = await countEnded(cluster.server).catch(() => ended);
    log(`  ${scenario.name}: ${ended} of ${runs} runs ended, ${Math.round((Date.now() - begun) / 1_000)} s`);
  }
  const seconds = (Date.now() - begun) / 1_000;
  const disturbances = await tormenting;
  await publishing;
  await publisher.close();
  return { runs, seconds, disturbances, crashes, hits, interruptions };
}

async function publishAll(scenario: Scenario, publisher: Publisher, runs: number, random: () => number): Promise<void> {
  const begun = Date.now();
  const { publishMs = PUBLISH_MS } = scenario;
  const everyMs = (typeof publishMs === 'number' ? publishMs : publishMs(runs)) / runs;
  const one =
    scenario.publish ?? ((to: Publisher, index: number) => to.publish({ id: `fault-${index}`, goal: goalText(index) }));
  const publishing: Promise<void>[] = [];
  for (let index = 0; index < runs; index += 1) {
    await sleep(Math.max(0, begun + index * everyMs - Date.now()));
    const published = one(publisher, index, random, runs);
    published.catch(() => undefined);
    publishing.push(published);
  }
  await Promise.all(publishing);
}

async function settled(
  cluster: Cluster,
  scenario: Scenario,
): Promise<WholeLogs & { dead: number; audits: RunAudit[] }> {
  const roles = (await installedRoles()).map(({ declaration }): RoleFacts => declaration);
  const deadline = Date.now() + SETTLE_MS_MAX;
  for (;;) {
    const found = await readLogs(cluster.server);
    const asRead = scenario.asRead ?? ((stored: Stored) => stored);
    const audits = [...found.logs].map(([run, stored]) => auditRun(run, stored.map(asRead), { roles }));
    const isWhole = audits.every(({ violations }) => violations.length === 0);
    if (isWhole || Date.now() > deadline) return { ...found, audits };
    await sleep(500);
  }
}

function countBy(words: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, same]) => [word, same.length]));
}
