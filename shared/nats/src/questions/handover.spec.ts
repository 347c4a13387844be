import type { Answer } from '@troupe/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../bus/connect.ts';
import { ANSWER, asking, type AskingRig, performing, startAskingRig } from './asking.fixture.ts';
import { NatsAsker } from './nats-asker.ts';
import { QuestionServer } from './question-server.ts';

let rig: AskingRig;
let asker: NatsAsker;
const open: Gateway[] = [];

/** How much longer than its model a question may take because a gateway went. Silence would be noticed after 2 s. */
const DELAY_MS_MAX = 500;
const GRACE_MS = 5_000;

beforeAll(async () => {
  rig = await startAskingRig();
  asker = new NatsAsker(await rig.connect('researcher'));
});
afterEach(() => Promise.all(open.splice(0).map(({ server }) => server.drain(0))));
afterAll(() => rig?.stop());

interface Gateway {
  bus: Bus;
  server: QuestionServer;
  /** Model calls that it made. */
  calls: number;
}

/** A gateway on a connection of its own, whose model takes `modelMs`. */
async function gateway(modelMs: number): Promise<Gateway> {
  const bus = await rig.connect('llm-gateway');
  const calls = new Map<string, Promise<Answer>>();
  const made: Gateway = {
    bus,
    calls: 0,
    // As the gateway's process: a question that is asked again joins its call.
    server: new QuestionServer(bus, (_bytes, { digest }) => {
      const known = calls.get(digest);
      if (known !== undefined) return known;
      made.calls += 1;
      const call = pause(modelMs).then(() => ANSWER);
      calls.set(digest, call);
      return call;
    }),
  };
  made.server.start();
  open.push(made);
  await bus.nc.flush();
  return made;
}

/** Asks one question; resolves with how long it took, in ms. Every answer has to be the model's. */
async function ask(id: string): Promise<number> {
  const started = performance.now();
  const { answer } = await asker.perform(asking(), performing(id));
  expect(answer).toEqual(ANSWER);
  return performance.now() - started;
}

/** Stops a gateway as its process does on SIGTERM. */
async function stop({ server, bus }: Gateway, graceMs: number): Promise<void> {
  await server.drain(graceMs);
  await bus.nc.drain();
}

/** A question every few ms while `during` runs. */
async function askThroughout(name: string, during: () => Promise<void>): Promise<number[]> {
  const asked: Promise<number>[] = [];
  const timer = setInterval(() => asked.push(ask(`${name}/${asked.length}`)), 5);
  await during();
  clearInterval(timer);
  return await Promise.all(asked);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const sum = (gateways: Gateway[]) => gateways.reduce((calls, gateway) => calls + gateway.calls, 0);

describe('given two gateways with questions open and arriving', () => {
  it('when one stops and has the time, then it answers its own, no other is asked twice, and nothing waits', async () => {
    const modelMs = 400;
    const gateways = [await gateway(modelMs), await gateway(modelMs)] as const;
    const times = await askThroughout('grace', async () => {
      await pause(200);
      await stop(gateways[0], GRACE_MS);
    });
    expect(gateways[0].calls).toBeGreaterThan(0);
    expect(sum([...gateways])).toBe(times.length);
    expect(Math.max(...times)).toBeLessThan(modelMs + DELAY_MS_MAX);
  });

  it('when one stops, then it takes nothing that is asked after that', async () => {
    const gateways = [await gateway(20), await gateway(20)] as const;
    await stop(gateways[0], GRACE_MS);
    const before = gateways[0].calls;
    await Promise.all(Array.from({ length: 50 }, (_, index) => ask(`after/${index}`)));
    expect([gateways[0].calls - before, gateways[1].calls]).toEqual([0, 50]);
  });
});

describe('given a gateway that stops with questions open', () => {
  it('when its grace is over, then another is asked within half a second, not after two of silence', async () => {
    const graceMs = 100;
    const slow = await gateway(60_000);
    const answered = Array.from({ length: 30 }, (_, index) => ask(`handed-over/${index}`));
    await expect.poll(() => slow.server.open).toBe(30);
    const other = await gateway(50);
    const stopped = performance.now();
    await stop(slow, graceMs);
    await Promise.all(answered);
    expect(performance.now() - stopped).toBeLessThan(graceMs + 50 + DELAY_MS_MAX);
    expect([slow.calls, other.calls]).toEqual([30, 30]);
  });

  it('when its model answers after that, then nothing is published on a closed connection', async () => {
    const late = await gateway(100);
    const answered = ask('late');
    await expect.poll(() => late.server.open).toBe(1);
    await stop(late, 0);
    const other = await gateway(0);
    await expect.poll(() => late.server.open).toBe(0);
    await answered;
    expect(other.calls).toBe(1);
  });
});

describe('given two gateways and an agent whose connection was away', () => {
  it('when it is back, then each question goes to the gateway that has it, and no model is asked twice', async () => {
    const gateways = [await gateway(1_500), await gateway(1_500)] as const;
    const answered = Array.from({ length: 40 }, (_, index) => ask(`away/${index}`));
    await expect.poll(() => sum([...gateways])).toBe(40);
    // Who has which is told after a moment.
    await pause(700);
    asker.lost();
    asker.reconnected();
    await Promise.all(answered);
    expect(sum([...gateways])).toBe(40);
  });

  it('when the gateways were away too, then the same: they have other names now', async () => {
    const gateways = [await gateway(1_500), await gateway(1_500)] as const;
    const answered = Array.from({ length: 40 }, (_, index) => ask(`all-away/${index}`));
    await expect.poll(() => sum([...gateways])).toBe(40);
    await pause(700);
    for (const { server } of gateways) server.reconnected();
    asker.lost();
    asker.reconnected();
    await Promise.all(answered);
    expect(sum([...gateways])).toBe(40);
  });
});
