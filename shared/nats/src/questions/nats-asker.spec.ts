import { hash } from 'node:crypto';
import { TransientError } from '@troupe/actor';
import { encode, subjects } from '@troupe/contract';
import type { Msg } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../bus/connect.ts';
import { ANSWER, asking, type AskingRig, performing, startAskingRig } from './asking.fixture.ts';
import { decodeQuestion } from './asking-wire.ts';
import { NatsAsker } from './nats-asker.ts';

let rig: AskingRig;
let gateway: Bus;
let agent: Bus;
let asker: NatsAsker;
/** Questions that were heard and not answered. */
const heard: Msg[] = [];
const REAL = encode({ kind: 'answer', answer: ANSWER });

beforeAll(async () => {
  rig = await startAskingRig();
  gateway = await rig.connect('llm-gateway');
  agent = await rig.connect('researcher');
  asker = new NatsAsker(agent);
  gateway.nc.subscribe(subjects.allAsks, { callback: (_error, message) => void heard.push(message) });
  await gateway.nc.flush();
});
afterAll(() => rig?.stop());

describe('given questions that are open', () => {
  it('when the process stops, then each is given up at once, and an answer that comes later settles nothing', async () => {
    const stopping = new AbortController();
    const open = [1, 2, 3].map((id) => asker.perform(asking(), performing(`stopped/${id}`, stopping.signal)));
    const other = asker.perform(asking(), performing('not-stopped'));
    await expect.poll(() => heard.length).toBe(4);
    const given = Promise.allSettled(open);
    stopping.abort();
    for (const message of heard.splice(0)) message.respond(REAL);
    const outcomes = await given;
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual(
      [1, 2, 3].map(() => expect.any(TransientError)),
    );
    expect((await other).answer).toEqual(ANSWER);
  });

  it('when the process has stopped already, then none is asked', async () => {
    const asked = asker.perform(asking(), performing('too-late', AbortSignal.abort()));
    await expect(asked).rejects.toBeInstanceOf(TransientError);
    await agent.nc.flush();
    await gateway.nc.flush();
    expect(heard).toEqual([]);
  });
});

describe('given a connection that is away', () => {
  it('when a question is asked, then nothing piles up: it is asked once, when the connection is back', async () => {
    asker.lost();
    const answered = asker.perform(asking(), performing('away'));
    asker.reconnected();
    await expect.poll(() => heard.length).toBe(1);
    for (const message of heard.splice(0)) message.respond(REAL);
    expect((await answered).answer).toEqual(ANSWER);
  });
});

describe('given a machine whose clock is wrong', () => {
  it.each([
    ['ahead', 120_000],
    ['behind', -120_000],
  ])('when it is two minutes %s, then a run’s deadline is reckoned by the corrected clock', async (_where, skewMs) => {
    let brokerNow = Date.now() + skewMs;
    const corrected = new NatsAsker(agent, { now: () => brokerNow });
    const answered = corrected.perform(asking({ deadlineAt: brokerNow + 10_000 }), performing(`skew/${skewMs}`));
    let settled = false;
    void answered.then(() => (settled = true));
    await expect.poll(() => heard.length).toBe(1);
    heard.splice(0);
    brokerNow += 9_000;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(settled).toBe(false);
    brokerNow += 1_000;
    expect((await answered).answer).toMatchObject({ ok: false, kind: 'timeout' });
    corrected.close();
  });
});

describe('given a question that is longer than a gateway reads', () => {
  it('when it is asked, then it is rejected at once, with a record for the log', async () => {
    const turns = [{ role: 'user' as const, text: 'x'.repeat(600_000) }];
    const { answer, model } = await asker.perform(asking({ turns }), performing('long'));
    expect(answer).toMatchObject({ ok: false, kind: 'rejected' });
    expect(model).toMatchObject({ answer, question: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('when it is only because of its facts, then it is asked without them: no model ever sees those', async () => {
    heard.splice(0);
    const text = 'x'.repeat(300_000);
    const turns = [{ role: 'user' as const, text }];
    const answered = asker.perform(asking({ turns, facts: { text } }), performing('long-facts'));
    await expect.poll(() => heard.length).toBe(1);
    const [message] = heard.splice(0);
    const question = message && decodeQuestion(message.data);
    expect(question?.turns).toEqual(turns);
    expect(question).not.toHaveProperty('facts');
    message?.respond(REAL);
    const { answer, model } = await answered;
    expect(answer).toEqual(ANSWER);
    expect(model.question).toBe(hash('sha256', message?.data ?? '', 'hex'));
  });
});
