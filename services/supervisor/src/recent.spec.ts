import { describe, expect, it } from 'vitest';
import { mayBePlanning } from './recent.ts';

/** Its timestamp is 0x019a1b2c3d4e ms. */
const RUN = '019a1b2c-3d4e-7000-8000-000000000001';
const AT = 0x019a1b2c3d4e;

describe('a run that the log does not know', () => {
  it('may be planning while its ID is fresh', () => {
    expect(mayBePlanning(RUN, AT + 1_000)).toBe(true);
    expect(mayBePlanning(RUN, AT + 599_000)).toBe(true);
  });

  it('does not exist when its ID is old, or of the future', () => {
    expect(mayBePlanning(RUN, AT + 600_001)).toBe(false);
    expect(mayBePlanning(RUN, AT - 600_001)).toBe(false);
  });

  it('does not exist when its ID has no time: another version of UUID, or one that was hashed', () => {
    expect(mayBePlanning('019a1b2c-3d4e-4000-8000-000000000001', AT)).toBe(false);
    expect(mayBePlanning('00000000-0000-7000-8000-000000000001', AT)).toBe(false);
  });
});
