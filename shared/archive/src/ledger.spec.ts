import { describe, expect, it } from 'vitest';
import { ShardLedger } from './ledger.ts';
import { DEADLINE, RUN, runAt, Shard } from './log.fixture.ts';
import type { RunRecord } from './run-record.ts';

const KEEP_MS = 10_000;
const LONG_AFTER = 10_000_000;
const ledgerOf = (shard: Shard, heldBytesMax = 1_000_000): ShardLedger => {
  const ledger = new ShardLedger({ settleMs: 1_000, heldBytesMax, isHere: () => true });
  for (const message of shard.log) ledger.take(message);
  return ledger;
};
const namesOf = (records: readonly RunRecord[]): string[] => records.map(({ run }) => run);
const archivedUpTo = (lastSeq: number) => ({ parts: 1, lastSeq, to: 'x' });

/** Says that everything that is over is archived. */
function archiveAll(ledger: ShardLedger, now = LONG_AFTER): void {
  for (const record of ledger.over(now)) ledger.archived(record, archivedUpTo(record.lastSeq));
}

describe('a run is over', () => {
  it('when it has its result, everybody has answered, and nothing has come for a while', () => {
    const shard = new Shard();
    shard.whole();
    const ledger = ledgerOf(shard);
    expect(namesOf(ledger.over(4_500))).toEqual([]);
    expect(namesOf(ledger.over(5_000))).toEqual([RUN]);
    expect(ledger.over(5_000)[0]?.held).toEqual(shard.log);
  });

  it('not while it has no result, however old it is', () => {
    const shard = new Shard();
    shard.begin();
    shard.task();
    shard.answer();
    expect(ledgerOf(shard).over(LONG_AFTER)).toEqual([]);
  });

  it('not while somebody still has to answer, until the deadline of what was asked and a minute', () => {
    const shard = new Shard();
    shard.begin();
    shard.task();
    shard.end();
    const ledger = ledgerOf(shard);
    expect(ledger.over(DEADLINE + 60_000)).toEqual([]);
    expect(namesOf(ledger.over(DEADLINE + 60_001))).toEqual([RUN]);
    ledger.take(shard.answer());
    // Now the supervisor has to take note of it.
    expect(ledger.over(50_000)).toEqual([]);
    ledger.take(shard.add({ from: 'supervisor', to: 'log', ordinal: 2, cause: 'writer.run.0' }));
    expect(namesOf(ledger.over(50_000))).toEqual([RUN]);
  });

  it('also when a message says that it may be answered for ever: no deadline is later than a day', () => {
    const shard = new Shard();
    shard.whole();
    const junk = shard.add({ from: 'writer', to: 'critic', ordinal: 1, cause: 'x', deadlineAt: 1e300 });
    const ledger = ledgerOf(shard);
    const until = junk.at + 86_400_000 + 60_000;
    expect(ledger.over(until)).toEqual([]);
    expect(namesOf(ledger.over(until + 1))).toEqual([RUN]);
  });

  it('not in another shard than its own: what names it there is nobody’s', () => {
    const shard = new Shard();
    shard.whole();
    const ledger = new ShardLedger({ settleMs: 1_000, heldBytesMax: 1_000_000, isHere: () => false });
    for (const message of shard.log) expect(ledger.take(message)).toBeUndefined();
    expect([ledger.over(LONG_AFTER), ledger.size, ledger.position]).toEqual([[], 0, 4]);
  });

  it('also with a message that cannot be read: nobody answers that', () => {
    const shard = new Shard();
    shard.whole();
    shard.add({ from: 'writer', to: 'critic', ordinal: 1, cause: 'x' });
    const last = shard.log.at(-1);
    const ledger = new ShardLedger({ settleMs: 1_000, heldBytesMax: 1_000_000, isHere: () => true });
    for (const message of shard.log)
      ledger.take(message === last ? { ...message, bytes: new Uint8Array([1]) } : message);
    expect(namesOf(ledger.over(50_000))).toEqual([RUN]);
  });
});

describe('a run leaves', () => {
  it('when it is archived and its time is over, with all of its messages', () => {
    const shard = new Shard();
    shard.whole();
    const ledger = ledgerOf(shard);
    expect(ledger.leaving(LONG_AFTER, KEEP_MS, 10)).toEqual([]);
    archiveAll(ledger);
    expect(ledger.over(LONG_AFTER)).toEqual([]);
    expect(ledger.leaving(4_000 + KEEP_MS - 1, KEEP_MS, 10)).toEqual([]);
    const [leaving] = ledger.leaving(4_000 + KEEP_MS, KEEP_MS, 10);
    expect(leaving?.seqs).toEqual([1, 2, 3, 4]);
  });

  it('past one that waits for days, and one that was set aside', () => {
    const shard = new Shard();
    shard.begin(runAt(1));
    shard.whole(runAt(2));
    shard.whole(runAt(3));
    const ledger = ledgerOf(shard);
    const [second] = ledger.over(LONG_AFTER);
    archiveAll(ledger);
    if (second !== undefined) ledger.setAside(second);
    expect(namesOf(ledger.leaving(LONG_AFTER, KEEP_MS, 10))).toEqual([runAt(3)]);
  });

  it('the oldest first, so many at a time, and is offered until it has left', () => {
    const shard = new Shard();
    for (const index of [1, 2, 3]) shard.whole(runAt(index));
    const ledger = ledgerOf(shard);
    archiveAll(ledger);
    expect(namesOf(ledger.leaving(LONG_AFTER, KEEP_MS, 2))).toEqual([runAt(1), runAt(2)]);
    const leaving = ledger.leaving(LONG_AFTER, KEEP_MS, 2);
    expect(namesOf(leaving)).toEqual([runAt(1), runAt(2)]);
    for (const record of leaving) ledger.forget(record);
    expect(namesOf(ledger.leaving(LONG_AFTER, KEEP_MS, 2))).toEqual([runAt(3)]);
    expect(ledger.size).toBe(1);
  });

  it('not with a message that came after it was archived, before that is archived too', () => {
    const shard = new Shard();
    shard.whole();
    const ledger = ledgerOf(shard);
    archiveAll(ledger);
    const late = shard.add({ from: 'writer', to: 'log', ordinal: 1, cause: 'x' });
    ledger.take(late);
    expect(ledger.leaving(LONG_AFTER, KEEP_MS, 10)).toEqual([]);
    const [record] = ledger.over(LONG_AFTER);
    expect(record?.held).toEqual([late]);
    archiveAll(ledger);
    expect(ledger.leaving(LONG_AFTER, KEEP_MS, 10)).toHaveLength(1);
  });
});

describe('an archive', () => {
  it('that is gone is written again before its run may leave', () => {
    const shard = new Shard();
    shard.whole();
    const ledger = ledgerOf(shard);
    archiveAll(ledger);
    const [leaving] = ledger.leaving(LONG_AFTER, KEEP_MS, 10);
    if (leaving !== undefined) ledger.notArchived(leaving);
    expect(ledger.leaving(LONG_AFTER, KEEP_MS, 10)).toEqual([]);
    expect(ledger.over(LONG_AFTER).map(({ run, held }) => [run, held])).toEqual([[RUN, undefined]]);
  });

  it('is given another part for what comes late only after a longer quiet, so that nobody makes thousands of them', () => {
    const shard = new Shard();
    shard.whole();
    const ledger = ledgerOf(shard);
    const [record] = ledger.over(LONG_AFTER);
    if (record !== undefined) ledger.archived(record, { parts: 3, lastSeq: record.lastSeq, to: 'x' });
    const late = shard.add({ from: 'writer', to: 'log', ordinal: 1, cause: 'x' });
    ledger.take(late);
    expect(ledger.over(late.at + 63_999)).toEqual([]);
    expect(ledger.over(late.at + 64_000)).toHaveLength(1);
  });
});

describe('a run that was set aside', () => {
  it('stays so, whatever comes of it later', () => {
    const shard = new Shard();
    shard.whole();
    const ledger = ledgerOf(shard);
    const [record] = ledger.over(LONG_AFTER);
    if (record !== undefined) ledger.setAside(record);
    ledger.take(shard.add({ from: 'writer', to: 'log', ordinal: 1, cause: 'x' }));
    expect([ledger.over(LONG_AFTER), ledger.leaving(LONG_AFTER, KEEP_MS, 10), ledger.size]).toEqual([[], [], 1]);
  });
});

describe('a run that has left in part', () => {
  it('is asked for in the archive, and leaves with what is still there', () => {
    const shard = new Shard();
    shard.whole();
    const ledger = new ShardLedger({ settleMs: 1_000, heldBytesMax: 1_000_000, isHere: () => true });
    const [, , , result] = shard.log;
    const torn = shard.log.slice(2).map((message) => ledger.take(message));
    expect(torn.map((record) => record?.run)).toEqual([RUN, undefined]);
    const [record] = torn;
    if (record !== undefined) ledger.archived(record, archivedUpTo(result?.seq ?? 0));
    expect(ledger.over(LONG_AFTER)).toEqual([]);
    expect(ledger.leaving(LONG_AFTER, KEEP_MS, 10)[0]?.seqs).toEqual([3, 4]);
    expect(ledger.heldBytes).toBe(0);
  });

  it('goes on in the archive with what came since, also without its result in the log', () => {
    const shard = new Shard();
    shard.whole();
    const late = shard.add({ from: 'writer', to: 'log', ordinal: 1, cause: 'x' });
    const ledger = new ShardLedger({ settleMs: 1_000, heldBytesMax: 1_000_000, isHere: () => true });
    const record = ledger.take(late);
    if (record !== undefined) ledger.archived(record, archivedUpTo(4));
    expect(ledger.over(LONG_AFTER).map(({ held }) => held)).toEqual([[late]]);
  });
});

describe('the memory of a shard', () => {
  it('holds the messages of runs up to its bound, and knows which have to be read again', () => {
    const shard = new Shard();
    for (const index of [1, 2]) shard.whole(runAt(index));
    const bytes = shard.log.slice(0, 4).reduce((sum, message) => sum + message.bytes.length, 0);
    const ledger = ledgerOf(shard, bytes + 10);
    expect(ledger.heldBytes).toBe(bytes);
    expect(ledger.over(LONG_AFTER).map(({ held }) => held?.length)).toEqual([4, undefined]);
    archiveAll(ledger);
    expect(ledger.heldBytes).toBe(0);
    ledger.take(shard.add({ from: 'writer', to: 'log', ordinal: 1, cause: 'x' }, runAt(2)));
    expect(ledger.over(LONG_AFTER)[0]?.held).toHaveLength(1);
  });

  it('says how far the shard was read, past what is no message of a run', () => {
    const shard = new Shard();
    shard.whole();
    const ledger = ledgerOf(shard);
    expect(ledger.take({ subject: 'troupe.runs.0.nonsense', seq: 9, at: 1, bytes: new Uint8Array() })).toBeUndefined();
    expect([ledger.position, ledger.size]).toEqual([9, 1]);
  });
});
