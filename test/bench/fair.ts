import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { subjects, type Token } from '@troupe/contract';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { z } from 'zod';
import { type Company, startCompany } from './company.ts';
import { percentile, round } from './statistics.ts';

/** Beside a tenant that publishes many goals at once, one that publishes one from time to time. */
export interface FairMeasured {
  sync: string;
  /** Goals of the flood, published at once. */
  flood_runs: number;
  flood_runs_per_s: number;
  /** CPU of all processes meanwhile, nats-server included. */
  flood_cpu_ms_per_run: number;
  /** Goals of the other tenant while the flood lasted. */
  beside_runs: number;
  alone_p50_ms: number;
  beside_p50_ms: number;
  beside_max_ms: number;
  /** The slowest of them, later than the median of those alone. */
  later_ms_max: number;
}

const FLOOD: Token = 'flood';
const SINGLE: Token = 'single';
const WARMUP_RUNS = 800;
const WARMUP_IN_FLIGHT = 50;
const ALONE_RUNS = 20;
const PAUSE_MS = 100;
const RUN_MS_MAX = 600_000;

const Result = z.object({ body: z.object({ goal: z.string() }) });

/** A tenant's client: publishes goals and hears their results. */
class Client {
  readonly #nc: NatsConnection;
  readonly #tenant: Token;
  readonly #open = new Map<string, (ms: number) => void>();
  #count = 0;

  private constructor(nc: NatsConnection, tenant: Token) {
    this.#nc = nc;
    this.#tenant = tenant;
    nc.subscribe(subjects.liveResultsOf(tenant), {
      callback: (error, message) => {
        if (error === null) this.#open.get(Result.parse(message.json()).body.goal)?.(performance.now());
      },
    });
  }

  static async connect({ cluster: { server } }: Company, tenant: Token): Promise<Client> {
    const seed = readFileSync(join(server.authDir, `tenant.${tenant}`, 'nats.nk'));
    const client = new Client(await connect({ servers: server.url, authenticator: nkeyAuthenticator(seed) }), tenant);
    await client.#nc.flush();
    return client;
  }

  /** Resolves with the time from publishing the goal to hearing its result, in ms; rejects if it does not come. */
  async run(): Promise<number> {
    const goal = `${this.#tenant} ${(this.#count += 1)}: what does the report say about durable logs and about costs?`;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#open.set(goal, resolve);
    const timer = setTimeout(() => reject(new Error(`"${goal}" did not end within ${RUN_MS_MAX} ms`)), RUN_MS_MAX);
    const since = performance.now();
    this.#nc.publish(subjects.goals(this.#tenant), JSON.stringify({ goal }));
    const ended = await promise;
    clearTimeout(timer);
    this.#open.delete(goal);
    return ended - since;
  }

  close(): Promise<void> {
    return this.#nc.close();
  }
}

/**
 * A tenant publishes `runs` goals at once; while they are worked off another one publishes a goal every `everyMs`. The
 * models answer at once: what is measured is how long the other one waits behind the flood.
 */
export async function measureFair(
  { sync, runs, everyMs }: { sync: string; runs: number; everyMs: number },
  log: (line: string) => void,
): Promise<FairMeasured> {
  const company = await startCompany({ sync, latencyMs: 0, tenants: [FLOOD, SINGLE] });
  const clients: Client[] = [];
  try {
    const flood = await Client.connect(company, FLOOD);
    const single = await Client.connect(company, SINGLE);
    clients.push(flood, single);
    await warmUp(flood);
    const alone = await oneByOne(single, ALONE_RUNS);
    const cpuBefore = company.cpu();
    const flooding = Promise.all(Array.from({ length: runs }, () => flood.run()));
    const beside = await besides(single, flooding, everyMs);
    const seconds = Math.max(...(await flooding)) / 1_000;
    const cpuMs = company.cpu() - cpuBefore;
    const aloneMs = percentile(alone, 0.5);
    const measured = {
      sync,
      flood_runs: runs,
      flood_runs_per_s: round(runs / seconds),
      flood_cpu_ms_per_run: round(cpuMs / (runs + beside.length), 2),
      beside_runs: beside.length,
      alone_p50_ms: round(aloneMs),
      beside_p50_ms: round(percentile(beside, 0.5)),
      beside_max_ms: round(Math.max(...beside)),
      later_ms_max: round(Math.max(...beside) - aloneMs),
    };
    log(`  sync ${sync}, ${runs} goals at once: another tenant's goal at most ${measured.later_ms_max} ms later`);
    return measured;
  } finally {
    for (const client of clients) await client.close();
    await company.stop();
  }
}

async function warmUp(client: Client): Promise<void> {
  let left = WARMUP_RUNS;
  const lane = async (): Promise<void> => {
    while ((left -= 1) >= 0) await client.run();
  };
  await Promise.all(Array.from({ length: WARMUP_IN_FLIGHT }, lane));
}

async function oneByOne(client: Client, runs: number): Promise<number[]> {
  const latencies: number[] = [];
  while (latencies.length < runs) {
    await sleep(PAUSE_MS);
    latencies.push(await client.run());
  }
  return latencies;
}

/** A goal every so many ms, whether those before have ended or not, until the flood is over. */
async function besides(client: Client, flooding: Promise<unknown>, everyMs: number): Promise<number[]> {
  const runs: Promise<number>[] = [];
  let isOver = false;
  const over = flooding.then(() => (isOver = true));
  while (!isOver) {
    runs.push(client.run());
    await Promise.race([sleep(everyMs), over]);
  }
  return Promise.all(runs);
}
