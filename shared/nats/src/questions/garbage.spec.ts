import { encode, subjects } from '@troupe/contract';
import type { Msg, Subscription } from '@nats-io/nats-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ALIVE_SUBJECT } from '../broker/access.ts';
import type { Bus } from '../bus/connect.ts';
import { ANSWER, asking, type AskingRig, performing, startAskingRig } from './asking.fixture.ts';
import { GARBAGE } from './garbage.fixture.ts';
import { NatsAsker } from './nats-asker.ts';
import { QuestionServer } from './question-server.ts';

let rig: AskingRig;
let gateway: Bus;
let agent: Bus;
let asker: NatsAsker;
const subscriptions: Subscription[] = [];

/** How long an answer may take that is on its way already: far less than the sweep that asks again. */
const AT_ONCE_MS = 1_000;
const REAL = encode({ kind: 'answer', answer: ANSWER });

beforeAll(async () => {
  rig = await startAskingRig();
  gateway = await rig.connect('llm-gateway');
  agent = await rig.connect('researcher');
  asker = new NatsAsker(agent);
});
afterEach(() => subscriptions.splice(0).forEach((subscription) => subscription.unsubscribe()));
afterAll(() => rig?.stop());

/** A gateway that does with each question whatever the test says. */
async function answerWith(answer: (message: Msg, nth: number) => void): Promise<void> {
  let count = 0;
  subscriptions.push(
    gateway.nc.subscribe(subjects.allAsks, { callback: (_error, message) => answer(message, (count += 1)) }),
  );
  await gateway.nc.flush();
}

/** The answer and how long it took, in ms. */
async function ask(id: string) {
  const started = performance.now();
  const { answer } = await asker.perform(asking(), performing(id));
  return { answer, tookMs: performance.now() - started };
}

describe.each(GARBAGE)('given a gateway that sends %s', (name, garbage) => {
  it('when it comes in place of a reply, then the answer behind it is still heard, at once', async () => {
    // An empty reply ends the way back of its question at the broker: the question has to be asked again for it.
    await answerWith((message, nth) => {
      if (nth === 1) message.respond(garbage);
      if (nth > 1 || garbage.length > 0) message.respond(REAL);
    });
    const { answer, tookMs } = await ask(`reply/${name}`);
    expect(answer).toEqual(ANSWER);
    expect(tookMs).toBeLessThan(AT_ONCE_MS);
  });

  it('when it is all that comes at first, then the question is asked again and answered', async () => {
    await answerWith((message, nth) => void message.respond(nth === 1 ? garbage : REAL));
    const { answer, tookMs } = await ask(`again/${name}`);
    expect(answer).toEqual(ANSWER);
    expect(tookMs).toBeLessThan(AT_ONCE_MS);
  });

  it('when it comes as a broadcast, then questions are answered as before', async () => {
    await answerWith((message) => {
      gateway.nc.publish(ALIVE_SUBJECT, garbage);
      message.respond(REAL);
    });
    const { answer, tookMs } = await ask(`alive/${name}`);
    expect(answer).toEqual(ANSWER);
    expect(tookMs).toBeLessThan(AT_ONCE_MS);
  });

  it('when it is asked as a question, then it is malformed, and the next question is answered', async () => {
    const server = new QuestionServer(gateway, () => Promise.resolve(ANSWER));
    server.start();
    await gateway.nc.flush();
    const reply = agent.nc
      .request(subjects.ask('default', 'researcher'), garbage, { timeout: AT_ONCE_MS })
      .catch(() => undefined);
    expect((await ask(`asked/${name}`)).answer).toEqual(ANSWER);
    await reply;
    await server.drain(0);
  });
});

describe('given a gateway that sends nothing but garbage', () => {
  it('when a question is asked, then it is asked again a few times, not until its time is over: each is paid', async () => {
    let asked = 0;
    await answerWith((message) => {
      asked += 1;
      message.respond('evil bytes');
    });
    const { answer } = await asker.perform(asking({ timeoutMs: 60_000 }), performing('garbage/only'));
    expect(answer).toMatchObject({ ok: false, kind: 'malformed' });
    expect(asked).toBe(4);
  });
});
