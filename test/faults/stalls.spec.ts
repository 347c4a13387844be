import { describe, expect, it } from 'vitest';
import { longestStall } from './stalls.ts';

const RUN = '01990000-0000-7000-8000-000000000001';
const at = (storedAt: number, path: string) => ({
  subject: `troupe.runs.0.acme.${RUN}.${path}`,
  seq: storedAt,
  storedAt,
  bytes: new Uint8Array(),
});

describe('the longest stall', () => {
  it('is between two messages of the same run', () => {
    const one = [at(0, 't1.supervisor.writer.0'), at(10, 't1.writer.supervisor.0'), at(90, 'run.supervisor.user.1')];
    const other = [at(500, 't1.supervisor.writer.0')];
    expect(
      longestStall(
        new Map([
          ['one', one],
          ['other', other],
        ]),
      ),
    ).toEqual({ ms: 80, where: `before troupe.runs.0.acme.${RUN}.run.supervisor.user.1` });
  });

  it('ends with the result: nobody waits for a late mark', () => {
    const log = [at(0, 't1.supervisor.writer.0'), at(5, 'run.supervisor.user.1'), at(900, 'run.supervisor.log.2')];
    expect(longestStall(new Map([['one', log]])).ms).toBe(5);
  });

  it('is nothing without messages', () => {
    expect(longestStall(new Map())).toEqual({ ms: 0, where: '' });
  });
});
