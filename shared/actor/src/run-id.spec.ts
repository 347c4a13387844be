import { RunId } from '@troupe/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runIdOf, uuidV7 } from './run-id.ts';

/** RFC 9562, section 5.7: version 7, variant 10. */
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const goal = fc.record({
  tenant: fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/),
  id: fc.option(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,40}$/), { nil: undefined }),
  seq: fc.nat(),
  at: fc.nat({ max: 2 ** 47 }),
});

describe('the run ID of a goal', () => {
  it('is a UUIDv7, and the same each time', () => {
    fc.assert(
      fc.property(goal, (given) => {
        const run = runIdOf(given);
        expect(run).toMatch(UUID_V7);
        expect(RunId.safeParse(run).success).toBe(true);
        expect(runIdOf({ ...given })).toBe(run);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('depends on tenant and id alone when there is an id', () => {
    const run = runIdOf({ tenant: 'acme', id: 'g-1', seq: 1, at: 1 });
    expect(runIdOf({ tenant: 'acme', id: 'g-1', seq: 2, at: 99_999 })).toBe(run);
    expect(runIdOf({ tenant: 'acme', id: 'g-2', seq: 1, at: 1 })).not.toBe(run);
    expect(runIdOf({ tenant: 'other', id: 'g-1', seq: 1, at: 1 })).not.toBe(run);
  });

  it('depends on where and when the broker stored it when there is none', () => {
    const run = runIdOf({ tenant: 'acme', id: undefined, seq: 1, at: 1 });
    for (const change of [{ tenant: 'other' }, { seq: 2 }, { at: 2 }])
      expect(runIdOf({ tenant: 'acme', id: undefined, seq: 1, at: 1, ...change })).not.toBe(run);
  });

  it('is another for each tenant, with the time of an id that is a UUIDv7: no tenant can occupy the run of another', () => {
    const id = uuidV7(1_767_225_600_000, '0123456789abcdef0123');
    const [ours, theirs] = ['acme', 'other'].map((tenant) => runIdOf({ tenant, id, seq: 1, at: 1 }));
    expect(ours).not.toBe(theirs);
    expect([ours, theirs]).not.toContain(id);
    expect(ours?.slice(0, 14)).toBe(id.slice(0, 14));
  });

  it('starts with the time, so that run IDs sort by time', () => {
    const at = 1_767_225_600_123;
    const run = runIdOf({ tenant: 'acme', id: undefined, seq: 1, at });
    expect(Number.parseInt(run.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
    expect(runIdOf({ tenant: 'acme', id: undefined, seq: 1, at: at + 1 }) > run).toBe(true);
  });

  it('is a UUIDv7 whatever the random digits, at any time', () => {
    const hex = fc.stringMatching(/^[0-9a-f]{20}$/);
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1, max: 2 ** 47 }), hex, (at, random) => {
        expect(uuidV7(at, random)).toMatch(UUID_V7);
      }),
      { seed: 1 },
    );
  });
});
