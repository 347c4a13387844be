import { MalformedError } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsIn, writtenBy } from './audit.fixture.ts';
import { quiet, settled } from './memory/settled.ts';
import { type Delivery, TransientError } from './ports.ts';
import { Rig } from './rig.fixture.ts';
import type { ActorPorts } from './options.ts';
import { tester, TesterPerformer } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

function gated() {
  const performer = new TesterPerformer();
  let answer: () => void = () => undefined;
  performer.gate = () => new Promise((resolve) => (answer = resolve));
  return { performer, answer: () => answer() };
}

/** Notes how each delivery was settled. */
function noting(settlements: string[], handlers: ((delivery: Delivery) => void)[] = []) {
  return (ports: ActorPorts): ActorPorts => ({
    ...ports,
    mailbox: {
      ...ports.mailbox,
      open: (handler) => {
        const noted = (delivery: Delivery) =>
          handler({
            ...delivery,
            ack: () => (settlements.push('ack'), delivery.ack()),
            retry: (delayMs) => (settlements.push(`retry ${delayMs}`), delivery.retry(delayMs)),
            reject: () => (settlements.push('reject'), delivery.reject()),
          });
        handlers.push(noted);
        return ports.mailbox.open(noted);
      },
    },
  });
}

describe('a drain', () => {
  it('waits for what is in hand', async () => {
    const { performer, answer } = gated();
    const settlements: string[] = [];
    const id = await rig.assign('ask-1');
    const { runtime } = await rig.start({ performer, around: noting(settlements) });
    await quiet(rig.bus);
    const drained = runtime.drain(60_000);
    await quiet(rig.bus);
    answer();
    await drained;
    expect(settlements).toEqual(['ack']);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });

  it('takes nothing new, and gives back what arrives all the same', async () => {
    const settlements: string[] = [];
    const handlers: ((delivery: Delivery) => void)[] = [];
    const { runtime } = await rig.start({ around: noting(settlements, handlers) });
    await runtime.drain(0);
    await rig.assign('say-1');
    await quiet(rig.bus);
    expect(rig.bus.deliveries).toBe(0);
    // A message that was on its way while the process stopped pulling.
    const other = rig.bus.connect(tester).ports.mailbox;
    await other.open((delivery) => {
      void other.stopPulling();
      handlers[0]?.(delivery);
    });
    await quiet(rig.bus);
    expect(rig.bus.runs.entries).toHaveLength(1);
    expect(settlements).toEqual(['retry 0']);
  });

  it('gives back what is not finished in time, so that another process has it at once', async () => {
    const { performer } = gated();
    const id = await rig.assign('ask-1');
    const first = await rig.start({ performer });
    await quiet(rig.bus);
    await rig.start();
    await first.runtime.drain(1);
    await quiet(rig.bus);
    expect(rig.bus.clock.now()).toBe(0);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });

  it('settles a delivery once, also when its answer comes after it was given back', async () => {
    const { performer, answer } = gated();
    const settlements: string[] = [];
    const id = await rig.assign('ask-1');
    const { runtime } = await rig.start({ performer, around: noting(settlements) });
    await quiet(rig.bus);
    await runtime.drain(1);
    answer();
    await quiet(rig.bus);
    expect(settlements).toEqual(['retry 0']);
    await rig.start();
    await settled(rig.bus);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });

  it('writes nothing once its grace is over, whatever an aborted effect came to: its outcome is not known', async () => {
    const { performer, answer } = gated();
    const id = await rig.assign('effect-a');
    const { runtime } = await rig.start({ performer });
    await quiet(rig.bus);
    await runtime.drain(1);
    const written = rig.bus.runs.entries.length;
    answer();
    await quiet(rig.bus);
    expect(rig.bus.runs.entries).toHaveLength(written);
    await rig.start();
    await settled(rig.bus);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
    expect(JSON.stringify(writtenBy('tester', rig.bus.runs.entries).at(-1)?.message.body)).toContain('unknown');
  });

  it('writes no further output of a step that it was writing when its grace was over', async () => {
    const stored = Promise.withResolvers<void>();
    const id = await rig.assign('say-3');
    const { runtime } = await rig.start({
      around: (ports) => ({
        ...ports,
        journal: {
          ...ports.journal,
          append: async (...call) => {
            const seq = await ports.journal.append(...call);
            await stored.promise;
            return seq;
          },
        },
      }),
    });
    await quiet(rig.bus);
    await runtime.drain(1);
    stored.resolve();
    await quiet(rig.bus);
    expect(writtenBy('tester', rig.bus.runs.entries)).toHaveLength(1);
    await rig.start();
    await settled(rig.bus);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });

  it('buries nothing once its grace is over: what fails then is for whoever has the message now', async () => {
    const performer = new TesterPerformer();
    const failed = Promise.withResolvers<void>();
    performer.gate = () => failed.promise;
    const id = await rig.assign('ask-1');
    const { runtime } = await rig.start({ performer });
    await quiet(rig.bus);
    await runtime.drain(1);
    failed.reject(new MalformedError('what was aborted made no sense'));
    await quiet(rig.bus);
    expect(rig.bus.dead).toEqual([]);
    await rig.start();
    await settled(rig.bus);
    expect(faultsIn('tester', [id], rig.bus.runs.entries)).toEqual([]);
  });

  it('does not wait for what is only waiting to be tried again', async () => {
    const settlements: string[] = [];
    await rig.assign('ask-1');
    const performer = new TesterPerformer();
    performer.gate = () => Promise.reject(new TransientError('away'));
    const { runtime } = await rig.start({ performer, around: noting(settlements) });
    await quiet(rig.bus);
    await runtime.drain(60_000);
    expect(settlements).toEqual(['retry 0']);
  });
});
