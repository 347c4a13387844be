import { chainStart, encodePart, type LoggedMessage } from '@troupe/archive';
import { LogLayout, subjects } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { wholeLogs } from './whole-logs.ts';

const LAYOUT = new LogLayout(1);
const REF = { tenant: 'acme', run: '01990000-0000-7000-8000-000000000001' };
const LOG = ['intake', 'supervisor', 'supervisor', 'supervisor'].map((from, ordinal): LoggedMessage => {
  const subject = LAYOUT.message({ ...REF, task: 'run', from, to: 'log', ordinal });
  return { subject, seq: 10 + ordinal, at: 1_000 * ordinal, bytes: Uint8Array.of(ordinal) };
});
const live = (log: readonly LoggedMessage[]) =>
  log.map(({ subject, seq, at: storedAt, bytes }) => ({ subject, seq, storedAt, bytes }));

/** The archive of the log up to `end`, cut behind the first message. */
function archived(end: number) {
  const first = encodePart(REF, { part: 0, from: chainStart(REF) }, LOG.slice(0, 1));
  const second = encodePart(REF, { part: 1, from: first.header.to }, LOG.slice(1, end));
  // As a stream has them when the second part was read first.
  return [second, first].map(({ bytes }, index) => ({ subject: subjects.archived(REF, 1 - index), bytes }));
}

const bytesIn = (found: ReturnType<typeof wholeLogs>) => found.logs.get(REF.run)?.map(({ bytes }) => bytes[0]);

describe('the log of a run', () => {
  it('is in its shard while it goes on', () => {
    const found = wholeLogs(LAYOUT, live(LOG), []);
    expect(found).toMatchObject({ archived: 0, left: 0, wrong: [] });
    expect(bytesIn(found)).toEqual([0, 1, 2, 3]);
  });

  it('is in the archive when it has left', () => {
    const found = wholeLogs(LAYOUT, [], archived(4));
    expect(found).toMatchObject({ archived: 1, left: 1, wrong: [] });
    expect(bytesIn(found)).toEqual([0, 1, 2, 3]);
  });

  it('is put together from both while it leaves, with what came late', () => {
    const found = wholeLogs(LAYOUT, live(LOG.slice(2)), archived(3));
    expect(found).toMatchObject({ archived: 1, left: 0, wrong: [] });
    expect(bytesIn(found)).toEqual([0, 1, 2, 3]);
  });

  it('is not believed when the archive says otherwise, or lacks what it reaches beyond', () => {
    const changed = live(
      LOG.map((message) => (message.seq === 10 ? { ...message, bytes: Uint8Array.of(9) } : message)),
    );
    const sentence = `${REF.run}: archive: message 10 of the log is not in its transcript`;
    expect(wholeLogs(LAYOUT, changed, archived(4)).wrong).toEqual([sentence]);
  });

  it('is told to be broken when its parts are no chain', () => {
    const [second] = archived(4);
    const found = wholeLogs(LAYOUT, [], second === undefined ? [] : [second]);
    expect(found.wrong).toEqual([expect.stringContaining(`${REF.run}: archive: `)]);
  });

  it('counts as a run of its own where it is in another shard than its own: nobody would find it', () => {
    const [first] = live(LOG);
    const lost = `troupe.runs.3${first?.subject.slice('troupe.runs.0'.length) ?? ''}`;
    const found = wholeLogs(LAYOUT, [{ subject: lost, seq: 1, storedAt: 0, bytes: Uint8Array.of(1) }], []);
    expect([...found.logs.keys()]).toEqual([lost]);
  });
});
