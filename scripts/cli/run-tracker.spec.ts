import { type RunId, USER } from '@troupe/contract';
import type { LogEntry } from '@troupe/nats';
import { describe, expect, it } from 'vitest';
import { formatLine } from './progress.ts';
import { RunTracker } from './run-tracker.ts';
import type { Screen } from './screen.ts';

const RUN: RunId = '019a1b2c-0000-7000-8000-000000000001';

function listen(): { said: string[]; screen: Screen } {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const screen: Screen = {
    quiet: false,
    result: async (text) => say(text),
    progress: (line) => say(formatLine(line)),
    note: say,
    aside: say,
    failure: say,
  };
  return { said, screen };
}

const unreadable: LogEntry = {
  seq: 1,
  storedAt: 1_000,
  tenant: 'default',
  run: RUN,
  from: 'supervisor',
  to: USER,
  read: { ok: false, id: 'supervisor.run.0', reason: 'reason: too long' },
};

describe('whoever waits for a run', () => {
  it('is told of its end also when its result cannot be read, and it is not open any more', async () => {
    const { said, screen } = listen();
    const tracker = new RunTracker(screen);
    const ended = tracker.ended(RUN, true);
    tracker.take(unreadable);
    expect(await ended).toMatchObject({ kind: 'unreadable', run: RUN });
    expect(tracker.open).toBe(0);
    expect(said.join('\n')).toContain('The run has ended, but its result cannot be read: reason: too long');
  });

  it('is told nothing of what is known already but that the run has ended', async () => {
    const { said, screen } = listen();
    const tracker = new RunTracker(screen);
    const ended = tracker.ended(RUN, true);
    tracker.recall(unreadable);
    expect(await ended).toMatchObject({ run: RUN });
    expect(said).toEqual([]);
  });

  it('is told of its end also when it came before somebody waited: a run that goes on may be that quick', async () => {
    const tracker = new RunTracker(listen().screen);
    tracker.take(unreadable);
    expect(await tracker.ended(RUN, true)).toMatchObject({ kind: 'unreadable', run: RUN });
    expect(tracker.open).toBe(0);
  });

  it('is told late of the newest hundred ends alone: they hold reports', async () => {
    const tracker = new RunTracker(listen().screen);
    const runs = Array.from({ length: 101 }, (_, index) => `${RUN.slice(0, -3)}${String(index).padStart(3, '0')}`);
    for (const run of runs) tracker.take({ ...unreadable, run });
    const late = await Promise.race([tracker.ended(runs[0] ?? '', false), Promise.resolve('still waiting')]);
    expect(late).toBe('still waiting');
    expect(await tracker.ended(runs[1] ?? '', false)).toMatchObject({ run: runs[1] });
  });

  it('waits on when another message cannot be read', () => {
    const tracker = new RunTracker(listen().screen);
    void tracker.ended(RUN, true);
    tracker.take({ ...unreadable, to: 'writer' });
    expect(tracker.open).toBe(1);
  });
});
