import { type LoggedMessage, readTranscript } from '@troupe/archive';
import { encode, INTAKE, messageId, RUN_TASK, USER } from '@troupe/contract';
import { beforeEach, describe, expect, it, vi } from 'vitest';
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

const run = (index: number, text = ''): LoggedMessage[] => [
  add(runAt(index), INTAKE, 'supervisor', 0),
  add(runAt(index), 'supervisor', USER, 0, text),
];

const plain = ({ bytes, ...message }: LoggedMessage) => ({ ...message, bytes: Buffer.from(bytes).toString('hex') });

/** As often as it takes: what may leave leaves first, and what is over is archived then. */
async function rounds(archiver: ShardArchiver, now: number): Promise<void> {
  store.time = now;
  while (await archiver.round(KEEP_MS));
  while (await archiver.round(KEEP_MS));
}

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
    await rounds(archiver, SOON);
    expect([await transcriptOf(1), await transcriptOf(2)]).toEqual(logs.map((log) => log.map(plain)));
    expect([store.log.length, archiver.size]).toEqual([4, 2]);
    await rounds(archiver, LATER);
    expect([store.log.length, archiver.size, archiver.heldBytes]).toEqual([0, 0, 0]);
    expect(told).toEqual({ archived: 2, left: 2, faults: [] });
  });

  it('keeps a run that goes on, and lets go of those behind it', async () => {
    const waits = add(runAt(9), INTAKE, 'supervisor', 0);
    run(1);
    const archiver = new ShardArchiver(store, watcher);
    await rounds(archiver, SOON);
    await rounds(archiver, LATER);
    expect(store.log).toEqual([waits]);
    const end = add(runAt(9), 'supervisor', USER, 0);
    await rounds(archiver, LATER);
    expect(await transcriptOf(9)).toEqual([waits, end].map(plain));
  });

  it('archives what comes late as another part, before anything of its run leaves', async () => {
    const log = run(1);
    const archiver = new ShardArchiver(store, watcher);
    await rounds(archiver, SOON);
    const late = add(runAt(1), 'supervisor', 'log', 1);
    await rounds(archiver, LATER);
    expect(await transcriptOf(1)).toEqual([...log, late].map(plain));
    await rounds(archiver, LATER);
    expect(store.log).toEqual([]);
  });

  it('also archives what comes when the rest of its run has left', async () => {
    const log = run(1);
    const archiver = new ShardArchiver(store, watcher);
    await rounds(archiver, LATER);
    expect(store.log).toEqual([]);
    const late = add(runAt(1), 'supervisor', 'log', 1);
    await rounds(archiver, LATER);
    expect(await transcriptOf(1)).toEqual([...log, late].map(plain));
    await rounds(archiver, LATER);
    expect(store.log).toEqual([]);
  });

  it('reads runs again that it had no room for', async () => {
    const long = 'x'.repeat(200_000);
    const logs = Array.from({ length: 200 }, (_, index) => run(index, long));
    const archiver = new ShardArchiver(store, watcher);
    await rounds(archiver, SOON);
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
    await rounds(undisturbed, SOON);
    await rounds(undisturbed, LATER);
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
      const ended = rounds(killed, SOON).then(() => rounds(killed, LATER));
      await expect(ended, `effect ${at}`).rejects.toThrow('killed');
      store.onEffect = () => undefined;
      const next = new ShardArchiver(store, watcher);
      await rounds(next, SOON);
      await rounds(next, LATER);
      await rounds(next, LATER);
      expect(store.log, `effect ${at}`).toEqual([]);
      expect([...(await transcriptOf(1)), ...(await transcriptOf(2))], `effect ${at}`).toEqual(whole.map(plain));
      expect(store.archive.size, `effect ${at}`).toBe(2);
    }
    expect(told.faults).toEqual([]);
  });

  it('and two at once make one archive', async () => {
    const logs = [run(1), run(2), run(3)];
    const both = [new ShardArchiver(store, watcher), new ShardArchiver(store, watcher)];
    await Promise.all(both.map((archiver) => rounds(archiver, SOON)));
    await Promise.all(both.map((archiver) => rounds(archiver, LATER)));
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
    await rounds(new ShardArchiver(store, watcher), SOON);
    change();
    const archiver = new ShardArchiver(store, watcher);
    for (let index = 0; index < 2; index += 1) await rounds(archiver, LATER);
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
    await expect(rounds(new ShardArchiver(store, watcher), LATER)).rejects.toThrow('cannot be read back');
    expect(store.log).toHaveLength(2);
  });
});

describe('a second archiver', () => {
  it('that lets a run go while the first one has just written it makes nobody take the archive back', async () => {
    const log = run(1);
    const [slow, quick] = [new ShardArchiver(store, watcher), new ShardArchiver(store, watcher)];
    const { promise: stalled, resolve: goOn } = Promise.withResolvers<void>();
    const { part } = store;
    store.part = async (...call) => {
      if (store.archive.size === 0) return undefined;
      store.part = part;
      await stalled;
      return await part.apply(store, call);
    };
    store.time = SOON;
    const writing = slow.round(KEEP_MS);
    await vi.waitUntil(() => store.archive.size === 1);
    await rounds(quick, SOON);
    await rounds(quick, LATER);
    expect(store.log).toEqual([]);
    goOn();
    await writing;
    expect(await transcriptOf(1)).toEqual(log.map(plain));
  });
});

describe('an archive that somebody discards', () => {
  it('is written again before its run leaves', async () => {
    const log = run(1);
    const archiver = new ShardArchiver(store, watcher);
    await rounds(archiver, SOON);
    store.archive.clear();
    await rounds(archiver, LATER);
    expect(await transcriptOf(1)).toEqual(log.map(plain));
    await rounds(archiver, LATER);
    expect([store.log, told.faults]).toEqual([[], []]);
  });

  it('or breaks after it was written, keeps its run in the log', async () => {
    run(1);
    const archiver = new ShardArchiver(store, watcher);
    await rounds(archiver, SOON);
    for (const [subject, stored] of store.archive)
      store.archive.set(subject, { ...stored, bytes: stored.bytes.subarray(0, -1) });
    await rounds(archiver, LATER);
    expect([store.log.length, told.faults]).toEqual([2, [expect.stringContaining('cannot be unpacked')]]);
  });
});

describe('an archive that takes nothing more', () => {
  it('does not keep those in the log that it has', async () => {
    run(1);
    const archiver = new ShardArchiver(store, watcher);
    await rounds(archiver, SOON);
    const waits = run(2);
    store.write = () => Promise.reject(new Error('full'));
    await expect(rounds(archiver, LATER)).rejects.toThrow('full');
    expect(store.log).toEqual(waits);
  });
});

describe('a run that has left in part', () => {
  it('is looked for in the archive until that answers', async () => {
    run(1);
    await rounds(new ShardArchiver(store, watcher), SOON);
    store.log.shift();
    const { parts } = store;
    let failures = 2;
    store.parts = (ref) => ((failures -= 1) >= 0 ? Promise.reject(new Error('away')) : parts.call(store, ref));
    const next = new ShardArchiver(store, watcher);
    for (let round = 0; round < 2; round += 1) await expect(next.round(KEEP_MS)).rejects.toThrow('away');
    await rounds(next, LATER);
    await rounds(next, LATER);
    expect([store.log, store.archive.size, told.faults]).toEqual([[], 1, []]);
  });
});

describe('more runs than leave in one go', () => {
  it('leave part by part, so that others are archived in between; it is told that there is more', async () => {
    for (let index = 0; index < 300; index += 1) run(index);
    const archiver = new ShardArchiver(store, watcher);
    await rounds(archiver, SOON);
    run(300);
    store.time = LATER;
    expect(await archiver.round(KEEP_MS)).toBe(true);
    expect([store.log.length, store.archive.size]).toEqual([90, 301]);
    expect(await archiver.round(KEEP_MS)).toBe(false);
  });
});

describe('what is read again', () => {
  it('has to be all that will be deleted', async () => {
    const long = 'x'.repeat(200_000);
    for (let index = 0; index < 200; index += 1) run(index, long);
    const { readRun } = store;
    store.readRun = async function* (...call) {
      let count = 0;
      for await (const message of readRun.apply(store, call)) if ((count += 1) !== 1) yield message;
    };
    const archiver = new ShardArchiver(store, watcher);
    await expect(rounds(archiver, SOON)).rejects.toThrow('cannot be read again');
  });
});
