import { type LoggedMessage, readTranscript } from '@troupe/archive';
import { encode, INTAKE, messageId, RUN_TASK, USER } from '@troupe/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from './memory-store.fixture.ts';
import { ShardArchiver, type Watcher } from './shard-archiver.ts';

const TENANT = 'default';
const runAt = (index: number): string => `019a1b2c-0000-7000-8000-${index.toString().padStart(12, '0')}`;
const KEEP_MS = 10_000;
const ENDED = 1_000_000;
const SOON = ENDED + 2_000;
const LATER = ENDED + KEEP_MS + 2_000;

let store: MemoryStore;
let told: { archived: number; left: number; faults: string[] };
const watcher: Watcher = {
  archived: (parts) => (told.archived += parts),
  left: (runs) => (told.left += runs),
  fault: (_run, reason) => told.faults.push(reason),
};

beforeEach(() => {
  store = new MemoryStore();
  told = { archived: 0, left: 0, faults: [] };
});

function add(run: string, from: string, to: string, ordinal: number, text = ''): LoggedMessage {
  const subject = store.layout.message({ tenant: TENANT, run, task: RUN_TASK, from, to, ordinal });
  const id = messageId(from, RUN_TASK, ordinal);
  const cause = from === INTAKE ? 'goal.1' : 'intake.run.0';
  const bytes = encode({ id, cause, text, budget: { deadlineAt: ENDED } });
  const message = { subject, seq: (store.lastSeq += 1), at: ENDED, bytes };
  store.log.push(message);
  return message;
}

/** A run of two messages that is over; the log of it. */
const run = (index: number, text = ''): LoggedMessage[] => [
  add(runAt(index), INTAKE, 'supervisor', 0),
  add(runAt(index), 'supervisor', USER, 0, text),
];

/** Bytes are compared by what they hold, not by what holds them. */
const plain = ({ bytes, ...message }: LoggedMessage) => ({ ...message, bytes: Buffer.from(bytes).toString('hex') });

async function transcriptOf(index: number): Promise<ReturnType<typeof plain>[]> {
  const ref = { tenant: TENANT, run: runAt(index) };
  const { log } = readTranscript(
    ref,
    (await store.parts(ref)).map(({ bytes }) => bytes),
  );
  return log.map(plain);
}

describe('a shard', () => {
  it('is archived as its runs end, and emptied when their time is over', async () => {
    const logs = [run(1), run(2)];
    const archiver = new ShardArchiver(store, watcher);
    await archiver.round(SOON, KEEP_MS);
    expect([await transcriptOf(1), await transcriptOf(2)]).toEqual(logs.map((log) => log.map(plain)));
    expect([store.log.length, archiver.size]).toEqual([4, 2]);
    await archiver.round(LATER, KEEP_MS);
    expect([store.log.length, archiver.size, archiver.heldBytes]).toEqual([0, 0, 0]);
    expect(told).toEqual({ archived: 2, left: 2, faults: [] });
  });

  it('keeps a run that goes on, and lets go of those behind it', async () => {
    const waits = add(runAt(9), INTAKE, 'supervisor', 0);
    run(1);
    const archiver = new ShardArchiver(store, watcher);
    await archiver.round(SOON, KEEP_MS);
    await archiver.round(LATER, KEEP_MS);
    expect(store.log).toEqual([waits]);
    const end = add(runAt(9), 'supervisor', USER, 0);
    await archiver.round(LATER, KEEP_MS);
    expect(await transcriptOf(9)).toEqual([waits, end].map(plain));
  });

  it('archives what comes late as another part, before anything of its run leaves', async () => {
    const log = run(1);
    const archiver = new ShardArchiver(store, watcher);
    await archiver.round(SOON, KEEP_MS);
    const late = add(runAt(1), 'supervisor', 'log', 1);
    await archiver.round(LATER, KEEP_MS);
    expect(await transcriptOf(1)).toEqual([...log, late].map(plain));
    await archiver.round(LATER, KEEP_MS);
    expect(store.log).toEqual([]);
  });

  it('also archives what comes when the rest of its run has left', async () => {
    const log = run(1);
    const archiver = new ShardArchiver(store, watcher);
    await archiver.round(LATER, KEEP_MS);
    expect(store.log).toEqual([]);
    const late = add(runAt(1), 'supervisor', 'log', 1);
    await archiver.round(LATER, KEEP_MS);
    expect(await transcriptOf(1)).toEqual([...log, late].map(plain));
    await archiver.round(LATER, KEEP_MS);
    expect(store.log).toEqual([]);
  });

  it('reads runs again that it had no room for', async () => {
    const long = 'x'.repeat(200_000);
    const logs = Array.from({ length: 200 }, (_, index) => run(index, long));
    const archiver = new ShardArchiver(store, watcher);
    await archiver.round(SOON, KEEP_MS);
    expect(archiver.heldBytes).toBe(0);
    expect(await Promise.all(logs.map((_, index) => transcriptOf(index)))).toEqual(logs.map((log) => log.map(plain)));
  });
});

describe('an archiver that ends at any moment', () => {
  it('loses nothing and doubles nothing: the next one goes on', async () => {
    let effects = 0;
    const count = () => (effects += 1);
    run(1);
    run(2);
    const whole = store.log.slice();
    store.onEffect = count;
    const undisturbed = new ShardArchiver(store, watcher);
    await undisturbed.round(SOON, KEEP_MS);
    await undisturbed.round(LATER, KEEP_MS);
    const all = effects;
    expect(all).toBe(4 + 8);
    for (let at = 1; at <= all; at += 1) {
      store = new MemoryStore();
      store.log = whole.slice();
      effects = 0;
      store.onEffect = () => {
        if (count() >= at) throw new Error('killed');
      };
      const killed = new ShardArchiver(store, watcher);
      const ended = killed.round(SOON, KEEP_MS).then(() => killed.round(LATER, KEEP_MS));
      await expect(ended, `effect ${at}`).rejects.toThrow('killed');
      store.onEffect = () => undefined;
      const next = new ShardArchiver(store, watcher);
      await next.round(SOON, KEEP_MS);
      await next.round(LATER, KEEP_MS);
      await next.round(LATER, KEEP_MS);
      expect(store.log, `effect ${at}`).toEqual([]);
      expect([...(await transcriptOf(1)), ...(await transcriptOf(2))], `effect ${at}`).toEqual(whole.map(plain));
      expect(store.archive.size, `effect ${at}`).toBe(2);
    }
    expect(told.faults).toEqual([]);
  });

  it('and two at once make one archive', async () => {
    const logs = [run(1), run(2), run(3)];
    const both = [new ShardArchiver(store, watcher), new ShardArchiver(store, watcher)];
    await Promise.all(both.map((archiver) => archiver.round(SOON, KEEP_MS)));
    await Promise.all(both.map((archiver) => archiver.round(LATER, KEEP_MS)));
    expect([await transcriptOf(1), await transcriptOf(2), await transcriptOf(3)]).toEqual(
      logs.map((log) => log.map(plain)),
    );
    expect([store.archive.size, store.log.length, told.faults]).toEqual([3, 0, []]);
  });
});

describe('an archive that is not what the log says', () => {
  const wrong = async (change: () => void): Promise<void> => {
    run(1);
    run(2);
    await new ShardArchiver(store, watcher).round(SOON, KEEP_MS);
    change();
    const archiver = new ShardArchiver(store, watcher);
    for (let rounds = 0; rounds < 2; rounds += 1) await archiver.round(LATER, KEEP_MS);
  };

  it('keeps its run in the log for ever, and nothing else; it is told once', async () => {
    await wrong(() => {
      const [first] = store.log;
      if (first !== undefined) store.log[0] = { ...first, bytes: encode({ another: true }) };
    });
    expect(told.faults).toEqual([expect.stringContaining('does not hold message 1')]);
    expect(store.log.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('or is broken, the same', async () => {
    await wrong(() => {
      for (const [subject, stored] of store.archive)
        if (subject.includes(runAt(1))) store.archive.set(subject, { ...stored, bytes: stored.bytes.subarray(0, -1) });
    });
    expect(told.faults).toEqual([expect.stringContaining('cannot be unpacked')]);
    expect(store.log.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('is not believed when what was written cannot be read back', async () => {
    run(1);
    store.part = () => Promise.resolve(undefined);
    await expect(new ShardArchiver(store, watcher).round(LATER, KEEP_MS)).rejects.toThrow('cannot be read back');
    expect(store.log).toHaveLength(2);
  });
});

describe('a run that is erased while it is archived', () => {
  it('leaves nothing in the archive', async () => {
    run(1);
    store.onEffect = (effect) => {
      if (effect === 'written') store.log = [];
    };
    const archiver = new ShardArchiver(store, watcher);
    await archiver.round(SOON, KEEP_MS);
    expect([store.archive.size, archiver.size, told.archived]).toEqual([0, 0, 0]);
  });
});
