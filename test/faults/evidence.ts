import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { decode, Message, STREAMS } from '@troupe/contract';
import { connectAs, type EmbeddedServer } from '@troupe/nats';
import { z } from 'zod';
import type { Entry } from './audit.ts';

const BATCH = 1_000;

/** The whole `RUNS` stream, parsed with the contract, and how many dead letters there are. */
export async function readLogs(server: EmbeddedServer): Promise<{ entries: Entry[]; dead: number }> {
  const admin = await connectAs('admin', server);
  try {
    const manager = await jetstreamManager(admin.nc);
    const { state } = await manager.streams.info(STREAMS.runs);
    const entries: Entry[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq;) {
      const batch = await manager.direct.getBatch(STREAMS.runs, { seq, batch: BATCH });
      for await (const { subject, data, seq: found } of batch) {
        entries.push({ subject, message: Message.parse(decode(data)) });
        seq = found + 1;
      }
    }
    const { state: dead } = await manager.streams.info(STREAMS.dead);
    return { entries, dead: dead.messages };
  } finally {
    await admin.nc.close();
  }
}

const Note = z.object({ run: z.string(), call: z.string(), text: z.string() });

/** How often each call of the tool that is not idempotent really ran: its lines in the notes file. */
export function readEffects(dataDir: string): { calls: number; most: number } {
  const file = join(dataDir, 'tools', 'notes.jsonl');
  if (!existsSync(file)) return { calls: 0, most: 0 };
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const notes = Map.groupBy(
    lines.map((line) => Note.parse(JSON.parse(line))),
    ({ run, call, text }) => `${run} ${call} ${text}`,
  );
  return { calls: notes.size, most: Math.max(0, ...[...notes.values()].map((same) => same.length)) };
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
  const folder = join(dataDir, 'logs');
  const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
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
