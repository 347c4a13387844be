import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { ALONE, DELAY_TARGET_MS, firstWindow, nextWindow, type Window, WINDOW_MIN, WINDOW_START } from './window.ts';

const MAX = 10_000;
const STEPS_PER_S = 10;
/** Messages of a run that follow each other. */
const IN_A_ROW = 18;

/**
 * A company that works off so many runs a second, with more goals waiting than it can take: what is in flight. Messages
 * are late by `noiseMs` however few there are.
 */
function flooded(runsPerS: number, seconds: number, { before = firstWindow(MAX), noiseMs = 0, patience = 1 } = {}) {
  let window: Window = before;
  const inFlight: number[] = [];
  const ended: number[] = [];
  for (let runs = 0, step = 0; step < seconds * STEPS_PER_S; step += 1) {
    runs = Math.max(runs, window.runs);
    inFlight.push(runs);
    const delayMs = (1_000 * runs) / runsPerS / IN_A_ROW;
    const done = Math.min(runs, runsPerS / STEPS_PER_S);
    const seen = { inFlight: runs, endedPerS: done * STEPS_PER_S, isShort: true };
    window = nextWindow(window, MAX, { delayMs: delayMs + noiseMs, ...seen }, patience);
    ended.push(done);
    runs -= done;
  }
  return { window, inFlight, ended };
}

const NOTHING = { delayMs: 0, endedPerS: 0 };

/** So many runs in flight whose messages nobody waits for. */
const idle = (window: Window, inFlight: number, isShort: boolean, delayMs = 0) =>
  nextWindow(window, MAX, { delayMs, inFlight, endedPerS: 0, isShort });

describe('the window of an installation with one tenant', () => {
  it('is larger: nobody waits behind another tenant, and larger batches cost less', () => {
    const [one, several] = [ALONE, 1].map((patience) => flooded(300, 20, { patience }).inFlight.at(-1) ?? 0);
    expect(one).toBeGreaterThan(3 * (several ?? 0));
    expect(one).toBeLessThan(5 * (several ?? 0));
  });
});

describe('the window, in a company whose mailboxes are full', () => {
  it.each([100, 300, 1_000, 5_000])('is so many runs as make messages late by the target: %d runs/s', (runsPerS) => {
    const { inFlight } = flooded(runsPerS, 20);
    // 18 messages in a row, or half a second.
    const fits = Math.max((runsPerS * DELAY_TARGET_MS * IN_A_ROW) / 1_000, runsPerS / 2);
    const settled = inFlight.slice(-50);
    expect(Math.max(...settled)).toBeLessThan(fits * 1.1);
    expect(Math.min(...settled)).toBeGreaterThan(fits * 0.9);
  });

  it('is never so small that somebody has nothing to do', () => {
    for (const runsPerS of [100, 300, 1_000]) {
      const { ended } = flooded(runsPerS, 20);
      expect(ended.slice(20).every((runs) => runs === runsPerS / STEPS_PER_S)).toBe(true);
    }
  });

  it('follows when the company becomes slower or faster', () => {
    const fast = flooded(1_000, 10).window;
    const slow = flooded(100, 10, { before: fast }).window;
    expect(slow.runs).toBeLessThan(60);
    expect(flooded(1_000, 10, { before: slow }).window.runs).toBeGreaterThan(400);
  });

  it('is no smaller than what is through in half a second, though messages are late for another reason', () => {
    const { inFlight } = flooded(300, 30, { noiseMs: 200 });
    expect(Math.min(...inFlight.slice(-50))).toBeGreaterThan(140);
    expect(Math.max(...inFlight.slice(-50))).toBeLessThan(200);
  });

  it('is never below a few, whatever makes messages late', () => {
    expect(flooded(1, 60).window.runs).toBe(WINDOW_MIN);
  });
});

describe('the window, in a company that waits for models', () => {
  it('doubles at each step, up to the bound: whoever waits makes nobody late', () => {
    let window = firstWindow(MAX);
    const windows = Array.from({ length: 9 }, () => (window = idle(window, window.runs, true)).runs);
    expect(windows).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((step) => Math.min(MAX, WINDOW_START * 2 ** step)));
  });

  it('is soon as large again after a moment in which messages were late', () => {
    let window = firstWindow(MAX);
    for (let step = 0; step < 6; step += 1) window = idle(window, window.runs, true);
    const before = window.runs;
    for (let step = 0; step < 3; step += 1) window = idle(window, before, true, 200);
    expect(window.runs).toBeLessThan(before);
    for (let step = 0; step < 20; step += 1) window = idle(window, before, true);
    expect(window.runs).toBeGreaterThan(before);
  });
});

describe('the window, in a company with little to do', () => {
  it('stays as it was at the start, however late a single message is', () => {
    let window = firstWindow(MAX);
    for (let step = 0; step < 50; step += 1) window = idle(window, 1, false, 500);
    expect(window.runs).toBe(WINDOW_START);
  });

  it('forgets at once what it was under another load', () => {
    const large: Window = { ...firstWindow(MAX), runs: 4_000, inFlight: 4_000 };
    expect(idle(large, 0, false).runs).toBe(WINDOW_START);
    expect(idle(large, 500, false).runs).toBe(1_000);
  });

  it('is no larger than the setting allows, at the start and later', () => {
    expect(firstWindow(5).runs).toBe(5);
    expect(nextWindow(firstWindow(5), 5, { ...NOTHING, inFlight: 5, isShort: true }).runs).toBe(5);
    expect(nextWindow(firstWindow(5), 5, { ...NOTHING, delayMs: 900, inFlight: 5, isShort: true }).runs).toBe(5);
  });
});

describe('the window, whatever is seen', () => {
  it('grows when goals wait though nothing was written and nobody was late yet', () => {
    expect(idle(firstWindow(MAX), 0, true).runs).toBe(2 * WINDOW_START);
  });

  const amount = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true }), fc.nat(20_000));
  const seen = fc.record({ delayMs: amount, inFlight: amount, endedPerS: amount, isShort: fc.boolean() });
  test.prop([fc.array(seen, { maxLength: 30 }), fc.integer({ min: 1, max: 20_000 }), fc.constantFrom(1, ALONE)])(
    'is a whole number between a few and what the setting allows',
    (observations, max, patience) => {
      let window = firstWindow(max);
      for (const each of observations) {
        window = nextWindow(window, max, each, patience);
        expect(Number.isInteger(window.runs)).toBe(true);
        expect(window.runs).toBeGreaterThanOrEqual(Math.min(WINDOW_MIN, max));
        expect(window.runs).toBeLessThanOrEqual(max);
      }
    },
  );
});
