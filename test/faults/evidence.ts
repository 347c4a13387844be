import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { Stored } from '@troupe/audit';
import { type LogLayout, parseRunSubject, STREAMS, subjects } from '@troupe/contract';
import { type Bus, connectAs, type EmbeddedServer, readStored } from '@troupe/nats';
import { z } from 'zod';
import type { Line } from './effects.ts';
import { type WholeLogs, wholeLogs } from './whole-logs.ts';

type Manager = Awaited<ReturnType<typeof jetstreamManager>>;

/** Does something as the administrator of the streams, on a connection of its own. */
export async function asAdmin<T>(
  server: EmbeddedServer,
  work: (manager: Manager, layout: LogLayout, bus: Bus) => Promise<T>,
): Promise<T> {
  const admin = await connectAs('admin', server);
  try {
    return await work(await jetstreamManager(admin.nc, { timeout: 10_000 }), admin.layout, admin);
  } finally {
    await admin.nc.close();
  }
}

/** All runs, from the shards and from the archive, and how many dead letters there are. */
export function readLogs(server: EmbeddedServer): Promise<WholeLogs & { dead: number }> {
  return asAdmin(server, async (manager, layout, bus) => {
    // The shards first: what leaves them meanwhile is in the archive already.
    const shards = await Promise.all(layout.streams.map((stream) => readStream(bus, stream)));
    const archive = await readStream(bus, STREAMS.archive);
    const { state: dead } = await manager.streams.info(STREAMS.dead);
    return { ...wholeLogs(layout, shards.flat(), archive), dead: dead.messages };
  });
}

/** All that a stream holds, in its order. Messages may leave it meanwhile. */
export async function readStream(bus: Bus, stream: string): Promise<Stored[]> {
  const stored: Stored[] = [];
  for await (const { subject, seq, at: storedAt, bytes } of readStored(bus, { stream, subject: '>', fromSeq: 1 }))
    stored.push({ subject, seq, storedAt, bytes });
  return stored;
}

/** How many runs have a result, in the log or in the archive. */
export function countEnded(server: EmbeddedServer): Promise<number> {
  return asAdmin(server, async (manager, layout) => {
    const ended = layout.streams.map(async (stream, shard) => {
      const { state } = await manager.streams.info(stream, { subjects_filter: subjects.results(shard) });
      return Object.keys(state.subjects ?? {}).map((subject) => parseRunSubject(subject)?.run);
    });
    const inLog = (await Promise.all(ended)).flat();
    // The log first, as above.
    const { state } = await manager.streams.info(STREAMS.archive, { subjects_filter: subjects.archivedBeginnings });
    return new Set([...inLog, ...Object.keys(state.subjects ?? {}).map((subject) => subject.split('.')[3])]).size;
  });
}

/** Messages of all shards that a role has taken and not settled. */
export async function countInHand(manager: Manager, streams: readonly string[], role: string): Promise<number> {
  const infos = await Promise.all(streams.map((stream) => manager.consumers.info(stream, role)));
  return infos.reduce((sum, { num_ack_pending: pending }) => sum + pending, 0);
}

const Note = z.object({ run: z.string(), call: z.string(), text: z.string() });

/** What the tool that is not idempotent has really done: the lines of the notes file, wherever the executor keeps it. */
export function readEffects(dataDir: string): Line[] {
  return globSync(['notes.jsonl', '*/notes.jsonl', '*/*/notes.jsonl'], { cwd: dataDir })
    .flatMap((file) => readFileSync(join(dataDir, file), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => Note.parse(JSON.parse(line)));
}

const Handled = z.object({
  role: z.string(),
  time: z.iso.datetime(),
  msg: z.literal('handled'),
  deliveries: z.number(),
  durationMs: z.number(),
});

/**
 * For each input that was redelivered: how long after the last crash of its role it was taken up again, in ms.
 * `crashes` are Unix ms per role. Read from the processes' own logs.
 */
export function readResumeTimes(dataDir: string, crashes: ReadonlyMap<string, readonly number[]>): number[] {
  const files = globSync(['logs/*.log', 'roles/*/*.log', '*/logs/*.log'], { cwd: dataDir });
  const lines = files.flatMap((file) => readFileSync(join(dataDir, file), 'utf8').split('\n'));
  return lines.flatMap((line) => {
    const handled = Handled.safeParse(readJson(line));
    if (!handled.success || handled.data.deliveries < 2) return [];
    const { role, time, durationMs } = handled.data;
    const takenUp = Date.parse(time) - durationMs;
    const last = crashes.get(role)?.findLast((crash) => crash <= takenUp);
    return last === undefined ? [] : [takenUp - last];
  });
}

/** A line that was cut off by kill -9 is not JSON. */
function readJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Answers that the gateways have asked of their provider since they started. */
export const countModelCalls = (metrics: readonly { name: string; port: number }[]): Promise<number> =>
  sumOf(
    metrics.filter(({ name }) => name === 'llm-gateway'),
    'troupe_model_answers_total',
  );

/** A counter with all of its labels, over some processes, since they started. */
export async function sumOf(metrics: readonly { port: number }[], counter: string): Promise<number> {
  const counts = await Promise.all(
    metrics.map(async ({ port }) => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return text
        .split('\n')
        .filter((line) => line.startsWith(`${counter}{`))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
