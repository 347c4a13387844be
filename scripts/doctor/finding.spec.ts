import { describe, expect, it } from 'vitest';
import { withoutPassword } from './address.ts';
import { clockFinding, FAR_APART_MS, APART_MS } from './clock.ts';
import { checked } from './finding.ts';
import { checkNode, diskFinding } from './machine.ts';
import { adviceFor, storeFinding } from './streams.ts';

const GB = 1024 ** 3;
const NOW = 1_800_000_000_000;

describe('a check', () => {
  it('that never ends has failed when its time is over', async () => {
    const found = await checked('nats', 'Start it.', () => new Promise(() => undefined), 20);
    expect(found).toEqual({ check: 'nats', verdict: 'failed', says: 'no answer within 0.02 s', change: 'Start it.' });
  });

  it('that throws has failed with that sentence, whether at once or later', async () => {
    const fail = () => {
      throw new Error('It is broken.');
    };
    const failed = { check: 'nats', verdict: 'failed', says: 'It is broken.', change: 'Mend it.' };
    expect(await checked('nats', 'Mend it.', fail)).toEqual(failed);
    expect(await checked('nats', 'Mend it.', () => Promise.resolve().then(fail))).toEqual(failed);
  });
});

describe('the clocks', () => {
  it('agree if what is between them can be the way to the broker and back', () => {
    expect(clockFinding(NOW + 3_000, NOW, NOW + 8_000).verdict).toBe('ok');
    expect(clockFinding(NOW + APART_MS - 1, NOW, NOW).verdict).toBe('ok');
  });

  it('are told apart by a second, and have failed when they are a minute apart', () => {
    expect(clockFinding(NOW + APART_MS, NOW, NOW)).toMatchObject({
      verdict: 'note',
      says: "The broker's clock is 1.00 s ahead of this machine's",
      facts: { brokerAheadMs: 1_000 },
    });
    expect(clockFinding(NOW - FAR_APART_MS, NOW, NOW)).toMatchObject({
      verdict: 'failed',
      says: "The broker's clock is 1 min 0 s behind this machine's",
      change: expect.stringContaining('NTP'),
    });
  });
});

describe('the disk', () => {
  it('is fine with a gigabyte and fast writes', () => {
    expect(diskFinding('/data', GB, [3, 1, 2])).toEqual({
      check: 'disk',
      verdict: 'ok',
      says: '1.0 GB are free in /data; a write reaches the disk in 2.0 ms (median of 3, the slowest 3.0 ms)',
      facts: { freeBytes: GB, writes: 3, syncMs: 2, syncMsMax: 3 },
    });
  });

  it('is told to be slow, but has failed only when it is nearly full', () => {
    expect(diskFinding('/data', GB, [20])).toMatchObject({ verdict: 'ok' });
    expect(diskFinding('/data', GB, [21])).toMatchObject({
      verdict: 'note',
      change: expect.stringContaining('--sync 2m'),
    });
    expect(diskFinding('/data', GB - 1, [1])).toMatchObject({
      verdict: 'failed',
      change: expect.stringContaining('--data'),
    });
  });
});

describe('the store', () => {
  const fill = (stream: string, bytes: number, bytesMax: number) => ({ stream, messages: 1, bytes, bytesMax });

  it('is as full as its fullest stream; one without a bound is never full', () => {
    expect(storeFinding([fill('GOALS', 10, 100), fill('RUNS_0', 89, 100), fill('OTHER', 99, -1)])).toMatchObject({
      verdict: 'ok',
      says: 'The fullest stream is RUNS_0, at 89 %',
      facts: { RUNS_0: 0.89, GOALS: 0.1 },
    });
  });

  it('has failed with a stream that is nine tenths full', () => {
    expect(storeFinding([fill('GOALS', 1, 100), fill('RUNS_0', 90, 100)])).toMatchObject({
      verdict: 'failed',
      says: 'RUNS_0 is 90 % full',
      change: expect.stringContaining('make-room'),
    });
  });
});

it('streams that differ in the number of copies alone may be a setting that was left out', () => {
  const differs = (field: string) => ({ what: 'stream RUNS_0', field, declared: '1', found: '3' });
  expect(adviceFor([differs('num_replicas')])).toContain('TROUPE_STREAM_REPLICAS');
  expect(adviceFor([differs('num_replicas'), differs('max_age')])).not.toContain('TROUPE_STREAM_REPLICAS');
});

it('Node has to be 24 or newer', () => {
  expect(checkNode('24.0.0').verdict).toBe('ok');
  expect(checkNode('22.19.0')).toMatchObject({ verdict: 'failed', change: expect.stringContaining('24') });
});

it('an address is shown without what lets somebody in', () => {
  expect(withoutPassword('at nats://me:secret@a:4222,nats://token@b:4222 as "x"')).toBe(
    'at nats://a:4222,nats://b:4222 as "x"',
  );
});
