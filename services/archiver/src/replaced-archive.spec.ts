import { chainStart, encodePart, type LoggedMessage } from '@troupe/archive';
import { encode, INTAKE, messageId, RUN_TASK, subjects, USER } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from './memory-store.fixture.ts';
import { ShardArchiver } from './shard-archiver.ts';

const REF = { tenant: 'default', run: '019a1b2c-0000-7000-8000-000000000001' };
const KEEP_MS = 10_000;

/** A run of two messages that is over. */
function logOf(store: MemoryStore): LoggedMessage[] {
  const message = (seq: number, from: string, to: string): LoggedMessage => ({
    subject: store.layout.message({ ...REF, task: RUN_TASK, from, to, ordinal: 0 }),
    seq,
    at: 1_000,
    bytes: encode({ id: messageId(from, RUN_TASK, 0), cause: 'intake.run.0', budget: { deadlineAt: 0 } }),
  });
  return [message(1, INTAKE, 'supervisor'), message(2, 'supervisor', USER)];
}

describe('an archive that was replaced after it was written', () => {
  it('by a whole one of the same length is found before the run leaves: the run stays, and it is told', async () => {
    const store = new MemoryStore();
    store.log = logOf(store);
    const faults: string[] = [];
    const watcher = {
      archived: () => undefined,
      left: () => undefined,
      fault: (_: string, why: string) => faults.push(why),
    };
    const archiver = new ShardArchiver(store, watcher);
    store.time = 70_000;
    await archiver.round(1_000_000);
    expect(store.archive.size).toBe(1);
    const forged = logOf(store).map((message) => ({ ...message, bytes: encode({ forged: true }) }));
    const { bytes } = encodePart(REF, { part: 0, from: chainStart(REF) }, forged);
    store.archive.set(subjects.archived(REF, 0), { seq: 2, bytes });
    for (let round = 0; round < 3; round += 1) await archiver.round(KEEP_MS);
    expect(store.log).toHaveLength(2);
    expect(faults).toEqual([expect.stringContaining('does not hold message 1')]);
  });
});
