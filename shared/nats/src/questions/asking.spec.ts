import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../bus/connect.ts';
import { ANSWER, asking, type AskingRig, onReconnect, performing, startAskingRig } from './asking.fixture.ts';
import { NatsAsker } from './nats-asker.ts';
import { QuestionServer } from './question-server.ts';

let rig: AskingRig;
let gateway: Bus;
let agent: Bus;

beforeAll(async () => {
  rig = await startAskingRig();
  gateway = await rig.connect('llm-gateway');
  agent = await rig.connect('researcher');
});
afterAll(() => rig?.stop());

describe('a question that is open', () => {
  it('when its answer is lost with the server, then it is asked again and answered', async () => {
    const { promise: called, resolve: call } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let asked = 0;
    const answering = new QuestionServer(gateway, async () => {
      asked += 1;
      call();
      await released;
      return ANSWER;
    });
    const asker = new NatsAsker(agent);
    void onReconnect(gateway, () => answering.reconnected());
    void onReconnect(agent, () => asker.reconnected());
    answering.start();
    const answered = asker.perform(asking(), performing('q1'));
    await called;
    await rig.kill();
    // The model answers while nobody can hear it.
    release();
    await rig.restart();
    expect((await answered).answer).toEqual(ANSWER);
    expect(asked).toBeGreaterThan(1);
    await answering.drain(0);
    asker.close();
  });
});
