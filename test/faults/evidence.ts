import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { Stored } from '@troupe/audit';
import { parseRunSubject, STREAMS, subjects } from '@troupe/contract';
import { connectAs, type EmbeddedServer } from '@troupe/nats';
import { z } from 'zod';
import type { Line } from './effects.ts';

const BATCH = 1_000;

type Manager = Awaited<ReturnType<typeof jetstreamManager>>;

/** Does something as the administrator of the streams, on a connection of its own. */
export async function asAdmin<T>(server: EmbeddedServer, work: (manager: Manager) => Promise<T>): Promise<T> {
  const admin = await connectAs('admin', server);
  try {
    return await work(await jetstreamManager(admin.nc, { timeout: 10_000 }));
  } finally {
    await admin.nc.close();
  }
}

/** The whole `RUNS` stream by run, and how many dead letters there are. */
export function readLogs(server: EmbeddedServer): Promise<{ logs: Map<string, Stored[]>; dead: number }> {
  return asAdmin(server, async (manager) => {
    const { state } = await manager.streams.info(STREAMS.runs);
    const stored: Stored[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0;) {
      const before = seq;
      for await (const message of await manager.direct.getBatch(STREAMS.runs, { seq, batch: BATCH })) {
        stored.push({
          subject: message.subject,
          seq: message.seq,
          storedAt: message.time.getTime(),
          bytes: message.data,
        });
        seq = message.seq + 1;
      }
      if (seq === before) break;
    }
    const { state: dead } = await manager.streams.info(STREAMS.dead);
    return {
      logs: Map.groupBy(stored, ({ subject }) => parseRunSubject(subject)?.run ?? subject),
      dead: dead.messages,
    };
  });
}

/** How many runs have a result in the log. */
export function countEnded(server: EmbeddedServer): Promise<number> {
  return asAdmin(server, async (manager) => {
    const { state } = await manager.streams.info(STREAMS.runs, { subjects_filter: subjects.result('*') });
    return new Set(Object.keys(state.subjects ?? {}).map((subject) => parseRunSubject(subject)?.run)).size;
  });
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
export async function countModelCalls(metrics: readonly { name: string; port: number }[]): Promise<number> {
  const gateways = metrics.filter(({ name }) => name === 'llm-gateway');
  const counts = await Promise.all(
    gateways.map(async ({ port }) => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return text
        .split('\n')
        .filter((line) => line.startsWith('troupe_model_answers_total{'))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
