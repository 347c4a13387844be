// The newest dead letters, oldest first: `node deploy/nats/dead-letters.ts [how many, default 20]`. Reads only.
import { jetstreamManager } from '@nats-io/jetstream';
import { STREAMS } from '@troupe/contract';
import { z } from 'zod';
import { asAdmin } from './as-admin.ts';

const LETTERS_MAX = 1_000;

/** What a role wrote, without the bytes of the message: see `shared/nats/src/ports/nats-dead-letters.ts`. */
const Letter = z.object({ role: z.string(), subject: z.string(), seq: z.int(), reason: z.string() });

asAdmin(async (admin) => {
  const batch = Number(process.argv[2] ?? '20');
  if (!Number.isInteger(batch) || batch < 1 || batch > LETTERS_MAX)
    throw new Error(`How many letters has to be a whole number from 1 to ${LETTERS_MAX}.`);
  const manager = await jetstreamManager(admin.nc);
  const { first_seq, last_seq, messages } = (await manager.streams.info(STREAMS.dead)).state;
  const lines: string[] = [];
  if (messages > 0) {
    const seq = Math.max(first_seq, last_seq - batch + 1);
    for await (const stored of await manager.direct.getBatch(STREAMS.dead, { seq, batch })) {
      const letter = Letter.parse(stored.json());
      const about = `${letter.subject} (sequence ${letter.seq})`;
      lines.push(`${stored.time.toISOString()}  ${letter.role}  ${about}`, `    ${letter.reason}`);
    }
  }
  return [...lines, `${messages} dead letters`];
});
