import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Bus, connectAs, type Following, readSettings, RunReader, TopologySettings } from '@troupe/nats';
import { EXIT, Failure, sentenceOf } from '../cli/failure.ts';
import { type ListedRun, unfinishedRuns } from '../cli/run-list.ts';
import { RunTracker } from '../cli/run-tracker.ts';
import type { Screen } from '../cli/screen.ts';
import { HUNG_MS } from '../child/make-children.ts';
import { Cluster } from '../cluster.ts';
import { explainDataFolder } from './data-folder.ts';
import { modelSettings } from './model-note.ts';
import type { StartOptions } from './options.ts';

const NATS_PORT = 4222;
const METRICS_PORT = 9464;
/** Ctrl-C should not take long: what is not finished by then goes on at the next start. */
const DRAIN_MS = 2_000;
/** How many of the newest runs are looked at for unfinished ones. */
const RUNS_LOOKED_AT_MAX = 1_000;

/** A running Troupe as the launcher sees it. */
export interface Company {
  cluster: Cluster;
  bus: Bus;
  reader: RunReader;
  tracker: RunTracker;
  following: Following;
  /** Runs that an earlier Troupe on this data folder did not finish; they go on. Oldest first. */
  unfinished: ListedRun[];
}

/** Starts NATS and all roles, and follows the log from before the first role is there. Failures are one sentence. */
export async function startCompany(options: StartOptions, docs: string, cwd: string, screen: Screen): Promise<Company> {
  const { dataDir, sync, shards, tenants, replicas, port } = options;
  const url = process.env['NATS_URL'];
  const isExternal = port === undefined && url !== undefined && url !== '';
  if (isExternal && (shards !== undefined || tenants !== undefined))
    throw new Failure(
      `--shards and --tenants are for a server that npm start starts; ${url} was set up with npm run nats-auth, which takes them.`,
      EXIT.usage,
    );
  const env = childSettings(options, docs, cwd);
  const { TROUPE_STREAM_REPLICAS: streamReplicas } = readSettings(TopologySettings, process.env);
  let log: Omit<Company, 'cluster'> | undefined;
  try {
    const cluster = await Cluster.start({
      dataDir,
      sync,
      shards,
      tenants,
      replicas,
      streamReplicas,
      natsPort: port ?? NATS_PORT,
      metricsPort: numberOf('TROUPE_METRICS_PORT', METRICS_PORT),
      hungMs: numberOf('TROUPE_HUNG_MS', HUNG_MS),
      onHung: (line) => screen.note(line),
      env,
      ...(isExternal ? { external: { url, authDir: process.env['TROUPE_AUTH_DIR'] || join(dataDir, 'auth') } } : {}),
      beforeRoles: async (server) => {
        log = await followLog(await connectAs('viewer', server), screen);
      },
      beforeServerStops: async () => {
        await log?.following.stop();
        await log?.bus.nc.close();
      },
    });
    if (cluster.server.foundLeftover)
      screen.note('A NATS server that an earlier start had left behind was stopped first.');
    for (const { what, field, declared, found } of cluster.drift) {
      screen.note(`Note       ${what} has ${field} ${found}, this version declares ${declared}; it was left as it is.`);
    }
    void cluster.keepServerUp((line) => screen.note(line));
    if (log === undefined) throw new Failure('The roles started before the log could be followed.');
    return { cluster, ...log };
  } catch (error) {
    throw explainDataFolder(dataDir, error);
  }
}

async function followLog(bus: Bus, screen: Screen): Promise<Omit<Company, 'cluster'>> {
  const reader = new RunReader(bus);
  const tracker = new RunTracker(screen);
  const unfinished = await unfinishedRuns(reader, RUNS_LOOKED_AT_MAX);
  const following = reader.follow('all', await reader.position(), (entry) => tracker.take(entry));
  return { bus, reader, tracker, following, unfinished };
}

/** The settings of the role processes. Relative files belong to the folder where the user is. */
function childSettings(options: StartOptions, docs: string, cwd: string): Record<string, string> {
  const policy = process.env['TROUPE_POLICY'];
  return {
    TROUPE_DOCS: docs,
    TROUPE_DRAIN_MS: process.env['TROUPE_DRAIN_MS'] || String(DRAIN_MS),
    ...modelSettings(options),
    ...(policy === undefined || policy === '' ? {} : { TROUPE_POLICY: readableFile(resolve(cwd, policy)) }),
  };
}

/** A setting of the launcher itself. */
function numberOf(variable: string, otherwise: number): number {
  const value = process.env[variable] || String(otherwise);
  if (!/^\d{1,9}$/.test(value)) throw new Failure(`${variable} has to be a whole number, not "${value}".`, EXIT.usage);
  return Number(value);
}

function readableFile(file: string): string {
  try {
    readFileSync(file);
    return file;
  } catch (error) {
    throw new Failure(
      `The tool policy "${file}" cannot be read: set TROUPE_POLICY to another file, or leave it out. (${sentenceOf(error)})`,
      EXIT.failed,
      { cause: error },
    );
  }
}
