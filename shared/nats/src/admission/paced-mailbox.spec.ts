import type { Delivery } from '@troupe/actor';
import { INTAKE, USER } from '@troupe/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BrokerClock } from '../bus/broker-clock.ts';
import { HomesRig, taker } from '../ports/homes.fixture.ts';
import { NatsMailbox } from '../ports/nats-mailbox.ts';
import { Admission } from './admission.ts';
import { WINDOW_MIN } from './window.ts';

const LONG_MS = 60_000;
const SOON = { timeout: 3_000, interval: 20 };
/** A consumer that nobody asks starts over after five seconds of silence: that is no way to take goals in. */
const AT_ONCE = { timeout: 1_000, interval: 20 };

let rig: HomesRig;
beforeAll(async () => void (rig = await HomesRig.start()));
afterAll(() => rig?.stop());

let admission: Admission;
let mailbox: NatsMailbox;
let goals: Delivery[] = [];
/** Whether goals are not acked. */
let isKept = false;
/** ms that have passed for the admission alone. */
let leap = 0;
/** Goals wait, and so many runs are in flight as may be. */
beforeEach(async () => {
  goals = [];
  [isKept, leap] = [false, 0];
  admission = new Admission({ runsMax: WINDOW_MIN, now: () => performance.now() + leap });
  const options = { clock: new BrokerClock(), build: 'v1', meter: admission, admission };
  mailbox = new NatsMailbox(await rig.connect(), taker, 2_000, options);
  await mailbox.open((delivery) => {
    if (delivery.source === 'goals') {
      goals.push(delivery);
      stored(delivery, INTAKE, taker.name);
    }
    if (delivery.source !== 'goals' || !isKept) delivery.ack();
  });
  await rig.send(4 * WINDOW_MIN);
  await expect.poll(() => goals.length, SOON).toBe(WINDOW_MIN);
  await expect.poll(() => admission.waiting, SOON).toBeGreaterThan(0);
  return () => mailbox.stopPulling();
});

function stored({ seq }: Delivery, from: string, to: string): void {
  const run = `01990000-0000-7000-8000-${seq.toString().padStart(12, '0')}`;
  admission.stored({ tenant: 'default', run, task: 'run', from, to, ordinal: 0 });
}
const endAll = () => {
  for (const goal of goals) stored(goal, taker.name, USER);
};

describe('given goals that are held back', { timeout: LONG_MS }, () => {
  it('when readiness is asked for, then they are still taken in as soon as runs end', async () => {
    // The heartbeats of the other consumers come after two seconds: it is looked at often until then.
    await expect.poll(() => mailbox.isAlive, SOON).toBe(true);
    endAll();
    await expect.poll(() => goals.length, AT_ONCE).toBeGreaterThan(WINDOW_MIN);
  });

  it('when a replica joins and the goals stay at home here, then they are still taken in as soon as runs end', async () => {
    const other = await rig.mailbox();
    endAll();
    await expect.poll(() => goals.length, AT_ONCE).toBeGreaterThan(WINDOW_MIN);
    expect(other.deliveries.filter(({ source }) => source === 'goals')).toEqual([]);
    await other.close();
  });

  it('when one that came is in hand, or was given back, then a cancel that was stored after it may have to wait for it', async () => {
    leap = 10_000;
    isKept = true;
    endAll();
    // What is in hand counts beside the runs that it has become.
    await expect.poll(() => goals.length, SOON).toBe(1.5 * WINDOW_MIN);
    isKept = false;
    const [first, ...others] = goals.slice(WINDOW_MIN);
    const [seq = 0, last = 0] = [first?.seq, others.at(-1)?.seq];
    const mayBring = () => [seq, seq + 1].map((before) => mailbox.mayBring('default', before));
    expect(mayBring()).toEqual([false, true]);
    for (const goal of others) goal.ack();
    first?.retry(1_000);
    expect(mayBring()).toEqual([false, true]);
    endAll();
    // It has passed what was given back.
    await expect.poll(() => goals.some((goal) => goal.seq > last), SOON).toBe(true);
    expect(mayBring()).toEqual([false, true]);
    const cameAgain = () => {
      endAll();
      return goals.filter((goal) => goal.seq === seq).length;
    };
    await expect.poll(cameAgain, SOON).toBe(2);
    leap = 20_000;
    await rig.send(1);
    const afterwards = () => {
      endAll();
      return mayBring();
    };
    await expect.poll(afterwards, SOON).toEqual([false, false]);
  });

  it('while a replica of another build takes the same ones, then whatever it has may still come', async () => {
    const mayBring = () => mailbox.mayBring('default', 0);
    expect(mayBring()).toBe(false);
    const newer = new NatsMailbox(await rig.connect(), taker, 2_000, { clock: new BrokerClock(), build: 'v2' });
    await newer.open((delivery) => delivery.ack());
    await expect.poll(mayBring, SOON).toBe(true);
    await newer.stopPulling();
    await expect.poll(mayBring, SOON).toBe(false);
  });
});
