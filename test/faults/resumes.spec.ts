import { describe, expect, it } from 'vitest';
import { resumesAfter } from './resumes.ts';

const at = (storedAt: number, to = 'writer') => ({
  subject: `troupe.runs.0.default.01990000-0000-7000-8000-000000000001.run.supervisor.${to}.${storedAt}`,
  seq: storedAt,
  storedAt,
  bytes: new Uint8Array(),
});
const logs = (...stored: ReturnType<typeof at>[]) => new Map([['a run', stored]]);

describe('how long a run takes to move on', () => {
  it('is the time to its next message', () => {
    expect(resumesAfter(logs(at(100), at(200), at(900), at(950, 'user')), [250, 920])).toEqual([650, 30]);
  });

  it('counts no run that had not begun, or had its result', () => {
    expect(resumesAfter(logs(at(100), at(200, 'user'), at(300, 'log')), [50, 250])).toEqual([]);
  });
});
