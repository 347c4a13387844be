import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { quiet, settled } from './memory/settled.ts';
import { TransientError } from './ports.ts';
import { Rig, RUN, TENANT } from './rig.fixture.ts';
import { tester, TesterPerformer } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

describe('a deadline', () => {
  it('is armed with the input that has one, and the input is acked only when the timer is durable', async () => {
    await rig.assign('say-1');
    let armed: () => void = () => undefined;
    await rig.start({
      deadlinesOf: () => [60_000],
      around: (ports) => ({
        ...ports,
        timers: {
          ...ports.timers,
          arm: (timer) => new Promise<void>((resolve) => (armed = resolve)).then(() => ports.timers.arm(timer)),
        },
      }),
    });
    await quiet(rig.bus);
    expect(rig.bus.unsettled).toBe(1);
    armed();
    await quiet(rig.bus);
    expect(rig.bus.unsettled).toBe(0);
    expect(rig.bus.nextTimerAt).toBe(60_000);
  });

  it('arrives as an input when its time has come', async () => {
    await rig.assign('say-1', 'run');
    const role = { ...tester, scope: 'run', takesGoals: true } as const;
    await rig.start({ role, deadlinesOf: (_state, { at }) => (at === 0 ? [60_000] : []) });
    await settled(rig.bus);
    rig.bus.clock.advance(60_000);
    await settled(rig.bus);
    expect(rig.bus.dead).toEqual([]);
    expect(rig.bus.log(RUN).at(-1)?.subject).toBe(`troupe.runs.0.${TENANT}.${RUN}.run.tester.log.1`);
  });

  it('that cannot be armed fails the delivery, never the process', async () => {
    const unhandled = vi.fn<(reason: unknown) => void>();
    const before = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', unhandled);
    try {
      const performer = new TesterPerformer();
      let answer: () => void = () => undefined;
      performer.gate = () => new Promise((resolve) => (answer = resolve));
      await rig.assign('ask-1');
      await rig.start({
        performer,
        deadlinesOf: () => [60_000],
        around: (ports) => ({
          ...ports,
          timers: { ...ports.timers, arm: () => Promise.reject(new TransientError('no space')) },
        }),
      });
      // The question is open for longer than the refusal of the timer takes.
      await quiet(rig.bus);
      expect(unhandled).not.toHaveBeenCalled();
      answer();
      await quiet(rig.bus);
      expect(rig.bus.unsettled).toBe(1);
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of before) process.on('unhandledRejection', listener);
    }
  });
});
