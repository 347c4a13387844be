import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

describe('the pace of goals', () => {
  it('lets each goal go when the work has come as far, and not before', async () => {
    const pace = new Pace();
    const gone: number[] = [];
    const goals = [0, 0.5, 1].map(async (share) => {
      await pace.until(share);
      gone.push(share);
    });
    await goals[0];
    expect(gone).toEqual([0]);
    pace.advance(0.6);
    await goals[1];
    expect(gone).toEqual([0, 0.5]);
    pace.advance(1);
    await Promise.all(goals);
    await pace.until(0.9);
    expect(gone).toEqual([0, 0.5, 1]);
  });
});
