import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { DEFAULT_TENANT, type GoalOptions, type MessageOf, RunId, subjects } from '@troupe/contract';
import { connectAs, readLiveResult, RunReader } from '@troupe/nats';
import { Cluster } from '@troupe/scripts/cluster';
import getPort from 'get-port';
import { z } from 'zod';
import { serveDefaultAddresses } from './default-addresses.ts';

const DOCS = join(import.meta.dirname, '../../fixtures/docs');
const LOOK_MS = 100;
const REPLY_MS_MAX = 20_000;

/** Whatever the machine has of them, a test asks nobody with it. */
const NOBODY = {
  ANTHROPIC_API_KEY: '',
  ANTHROPIC_BASE_URL: '',
  ANTHROPIC_AUTH_TOKEN: '',
  OPENAI_API_KEY: '',
  OPENAI_BASE_URL: '',
  OPENAI_ORG_ID: '',
  OPENAI_PROJECT_ID: '',
  TROUPE_MODEL: '',
  TROUPE_MODELS: '',
  TROUPE_OPENAI_API: '',
  HTTP_PROXY: '',
  NO_PROXY: '',
};

export interface Ended {
  body: RunEnded['body'];
  /** In the log for good, the goal included. */
  durableMessages: number;
  durationMs: number;
}

/** A goal with the options that differ from the defaults. */
export interface AskedGoal {
  goal: string;
  options?: Partial<GoalOptions>;
}

/** All roles as processes of their own, with real models' settings, and the means to see what they do. */
export interface ModelCompany {
  /** Publishes a goal as a user does and waits for its end. Rejects when there is none after `endsWithinMs`. */
  run(goal: AskedGoal, endsWithinMs: number): Promise<Ended>;
  /** The gateway's figures of this name: its labels as they are written there, to the value. */
  gatewayMetric(name: string): Promise<Map<string, number>>;
  /** Hosts that somebody wanted to reach and that are not the models'. */
  strangers: readonly string[];
  stop(): Promise<void>;
}

/** `env` is what a user would set; `origins` says which server answers at which host on port 443. */
export async function startModelCompany(
  env: Record<string, string>,
  origins: Readonly<Record<string, string>> = {},
): Promise<ModelCompany> {
  const dataDir = mkdtempSync(join(tmpdir(), 'troupe-models-'));
  const addresses = Object.keys(origins).length > 0 ? await serveDefaultAddresses(dataDir, origins) : undefined;
  const cluster = await Cluster.start({
    dataDir: join(dataDir, 'data'),
    natsPort: await getPort(),
    sync: '2m',
    replicas: 1,
    metricsPort: 0,
    env: { TROUPE_DOCS: DOCS, TROUPE_LOG_LEVEL: 'warn', ...NOBODY, ...addresses?.env, ...env },
  });
  const nc = await connect({ servers: cluster.server.url });
  const bus = await connectAs('viewer', cluster.server);
  const ends = new Ends(nc);
  const reader = new RunReader(bus);
  await nc.flush();
  return {
    run: (goal, endsWithinMs) => runOn({ nc, ends, reader }, goal, endsWithinMs),
    gatewayMetric: (name) => metricOf(cluster, name),
    strangers: addresses?.strangers ?? [],
    stop: async () => {
      // Before its server: a write to an ended socket would end this process.
      await Promise.all([nc.close(), bus.nc.close()]);
      await cluster.stop();
      addresses?.close();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

type RunEnded = MessageOf<'run.ended'>;

/** Results as they come, some of them before anybody knows which run is whose. */
class Ends {
  readonly #ended = new Map<string, PromiseWithResolvers<RunEnded>>();

  constructor(nc: NatsConnection) {
    nc.subscribe(subjects.liveResultsOf(DEFAULT_TENANT), {
      callback: (error, message) => {
        const ended = error === null ? readLiveResult(message) : undefined;
        if (ended !== undefined) this.#of(ended.run).resolve(ended);
      },
    });
  }

  of(run: string): Promise<RunEnded> {
    return this.#of(run).promise;
  }

  #of(run: string): PromiseWithResolvers<RunEnded> {
    const known = this.#ended.get(run) ?? Promise.withResolvers<RunEnded>();
    this.#ended.set(run, known);
    return known;
  }
}

const Created = z.object({ runId: RunId });

async function runOn(
  { nc, ends, reader }: { nc: NatsConnection; ends: Ends; reader: RunReader },
  asked: AskedGoal,
  endsWithinMs: number,
): Promise<Ended> {
  const startedAt = performance.now();
  const reply = await nc.request(subjects.api(DEFAULT_TENANT, 'create'), JSON.stringify(asked), {
    timeout: REPLY_MS_MAX,
  });
  const { runId: run } = Created.parse(reply.json());
  const inTime = AbortSignal.timeout(endsWithinMs);
  const tooLate = new Promise<never>((_, reject) =>
    inTime.addEventListener('abort', () => reject(new Error(`the run ${run} did not end within ${endsWithinMs} ms`))),
  );
  const ended = await Promise.race([ends.of(run), tooLate]);
  const durationMs = performance.now() - startedAt;
  const log = await reader.log(run);
  return { body: ended.body, durableMessages: 1 + log.length, durationMs };
}

async function metricOf({ metrics }: Cluster, name: string): Promise<Map<string, number>> {
  const port = metrics.find((one) => one.name === 'llm-gateway')?.port;
  if (port === undefined) throw new Error('the gateway has not said where its metrics are');
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return new Map(
    lines.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))] as const),
  );
}

/** Looks until it is so; rejects after `withinMs`. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`${what}: not within ${withinMs} ms`);
    await wait(LOOK_MS);
  }
}
