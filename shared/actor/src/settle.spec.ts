import { MalformedError } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { ConflictError, HistoryError, NewerError, TransientError } from './ports.ts';
import { DEFECTS_MAX, fateOf, TRIES_IN_HAND_MAX, WAIT_DAYS_MAX } from './settle.ts';

const FIRST = { deliveries: 1, failures: 1, defects: 0, ageMs: 0, random: 0.5 };
const DAY_MS = 86_400_000;

describe('the fate of a delivery', () => {
  it.each([
    ['what a newer version wrote', new NewerError('v9')],
    ['a history that cannot be read', new HistoryError('garbage')],
  ])('that meets %s is to wait, longer each time, for days and however often it failed', (_what, error) => {
    const pauses = [1, 20, 21, 40, 1_000].map((deliveries) => {
      const fate = fateOf(error, { ...FIRST, deliveries, failures: 100, defects: 100, ageMs: WAIT_DAYS_MAX * DAY_MS });
      return fate.kind === 'later' ? fate.pauseMs : fate.kind;
    });
    expect(pauses).toEqual([100, 100, 113, 1_055, 600_000]);
    expect(fateOf(error, { ...FIRST, ageMs: WAIT_DAYS_MAX * DAY_MS + 1 }).kind).toBe('dead');
  });

  it('is no failure where a newer version is needed, and one where a history cannot be read', () => {
    expect(fateOf(new NewerError('v9'), FIRST)).toMatchObject({ kind: 'later', isLeft: true });
    expect(fateOf(new HistoryError('garbage'), FIRST)).toMatchObject({ kind: 'later', isLeft: false });
  });

  it('that comes to the wrong build many times in a row has not waited for long', () => {
    let waitedMs = 0;
    for (let deliveries = 1; deliveries <= 40; deliveries += 1) {
      const fate = fateOf(new NewerError('v9'), { ...FIRST, deliveries });
      waitedMs += fate.kind === 'later' ? fate.pauseMs : Infinity;
    }
    expect(waitedMs).toBeLessThan(12_000);
  });

  it.each([new TransientError('away'), new ConflictError('lost')])(
    'that meets %s is tried in hand for a while and then given back, never buried',
    (error) => {
      expect(fateOf(error, { ...FIRST, failures: TRIES_IN_HAND_MAX - 1 })).toMatchObject({
        kind: 'again',
        defect: false,
      });
      const old = { ...FIRST, failures: TRIES_IN_HAND_MAX, defects: DEFECTS_MAX, ageMs: 30 * DAY_MS };
      expect(fateOf(error, old).kind).toBe('later');
    },
  );

  it('that meets a defect is tried a few times, and buried when it is malformed', () => {
    const defect = new TypeError('broken');
    expect(fateOf(defect, { ...FIRST, defects: DEFECTS_MAX - 2 })).toMatchObject({ kind: 'again', defect: true });
    expect(fateOf(defect, { ...FIRST, defects: DEFECTS_MAX - 1 }).kind).toBe('dead');
    expect(fateOf(new MalformedError('garbage'), FIRST).kind).toBe('dead');
  });
});
