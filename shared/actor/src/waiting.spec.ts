import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from './memory/manual-clock.ts';
import { quiet } from './memory/settled.ts';
import type { Delivery } from './ports.ts';
import { Rig, RUN, TENANT } from './rig.fixture.ts';
import { DELIVERIES_MAX } from './settle.ts';
import { Waiting, WAITING_MAX } from './waiting.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

const TEN_MINUTES_MS = 600_000;

const delivery = (seq: number): Delivery => ({
  source: 'runs',
  stream: 'RUNS_0',
  subject: 's',
  bytes: new Uint8Array(),
  seq,
  deliveries: 1,
  at: 0,
  isFresh: false,
  ack: () => undefined,
  retry: () => undefined,
  reject: () => undefined,
  working: () => undefined,
});

describe('messages that wait', () => {
  it('are not poison, however often they were given back meanwhile', async () => {
    const own = { tenant: TENANT, run: RUN, task: 't1', from: 'tester', to: 'log', ordinal: 0 };
    rig.bus.runs.store(rig.bus.layout.message(own), new TextEncoder().encode('garbage'));
    await rig.assign('say-1');
    await rig.start();
    for (let pause = 0; pause < 2 * DELIVERIES_MAX; pause += 1) {
      rig.bus.clock.advance(TEN_MINUTES_MS);
      await quiet(rig.bus);
      // A suspect has to wait for its turn.
      rig.bus.clock.advance(20);
      await quiet(rig.bus);
    }
    expect(rig.bus.deliveries).toBeGreaterThan(DELIVERIES_MAX);
    expect(rig.bus.dead).toEqual([]);
    expect(rig.bus.unsettled).toBe(1);
  });

  it('count no longer when somebody else has taken them: an update with many of them buries none', () => {
    const clock = new ManualClock(0);
    const waiting = new Waiting(clock);
    for (let seq = 0; seq < 3 * WAITING_MAX; seq += 1) {
      expect(waiting.add(delivery(seq), 500)).toBeUndefined();
      clock.advance(0.5);
    }
  });

  it('are offered less often the more they are: a flood leaves room for what does not wait', () => {
    const clock = new ManualClock(0);
    const waiting = new Waiting(clock);
    expect(waiting.crowdMs).toBe(0);
    for (let seq = 0; seq < WAITING_MAX; seq += 1) waiting.add(delivery(seq), 500);
    expect(WAITING_MAX / (waiting.crowdMs / 1_000)).toBe(5_000);
    expect(waiting.has(delivery(0))).toBe(true);
    // Somebody else has taken them.
    clock.advance(60_000);
    expect(waiting.crowdMs).toBe(0);
    expect(waiting.has(delivery(0))).toBe(false);
  });

  it('make room in the very moment in which one of them was taken', () => {
    const clock = new ManualClock(0);
    const waiting = new Waiting(clock);
    for (let seq = 0; seq < WAITING_MAX; seq += 1) waiting.add(delivery(seq), seq < 2 ? 500 * seq : 60_000);
    // The first is over, and is forgotten; the second is over soon after that.
    clock.advance(2_450);
    expect(waiting.crowdMs).toBeLessThan(WAITING_MAX * 0.2);
    expect(waiting.add(delivery(WAITING_MAX), 60_000)).toBeUndefined();
    clock.advance(60);
    expect(waiting.add(delivery(WAITING_MAX + 1), 60_000)).toBeUndefined();
    expect(waiting.add(delivery(WAITING_MAX + 2), 60_000)).toMatch(/waiting already/);
  });

  it('count for as long as they wait: of a flood no more may wait than the bound says', () => {
    const waiting = new Waiting(new ManualClock(0));
    for (let seq = 0; seq < WAITING_MAX; seq += 1) waiting.add(delivery(seq), 500);
    expect(waiting.add(delivery(WAITING_MAX), 500)).toMatch(/waiting already/);
    expect(waiting.add(delivery(0), 1_000)).toBeUndefined();
  });
});
