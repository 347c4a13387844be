import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subjects } from '@troupe/contract';
import { type AskingRig, startAskingRig } from '../questions/asking.fixture.ts';
import type { Bus } from './connect.ts';
import { ReplyInbox } from './reply-inbox.ts';
import { Unreadable } from './unreadable.ts';

let rig: AskingRig;
let agent: Bus;

beforeAll(async () => {
  rig = await startAskingRig();
  const gateway = await rig.connect('llm-gateway');
  agent = await rig.connect('researcher');
  gateway.nc.subscribe(subjects.allAsks, { callback: (_error, message) => void message.respond(message.data) });
  await gateway.nc.flush();
});
afterAll(() => rig?.stop());

/** Asks twice: who waits may hear several replies. */
const ask = (reply: string, text: string) => {
  for (let time = 0; time < 2; time += 1) agent.nc.publish(subjects.ask('acme', 'researcher'), text, { reply });
};

describe('a reply inbox', () => {
  it('gives each reply to the one who waits for it, and none after it was removed', async () => {
    const heard: string[] = [];
    const inbox = new ReplyInbox<{ name: string; reply: string }>(agent, (waiter, message) => {
      heard.push(`${waiter.name}: ${message.string()}`);
      if (waiter.name === 'once') inbox.remove(waiter.reply);
    });
    for (const name of ['once', 'twice']) {
      const waiter = { name, reply: '' };
      waiter.reply = inbox.add(waiter);
      ask(waiter.reply, name);
    }
    await expect.poll(() => heard.toSorted()).toEqual(['once: once', 'twice: twice', 'twice: twice']);
    expect([...inbox].map(([, { name }]) => name)).toEqual(['twice']);
    expect(inbox.clear().map(({ name }) => name)).toEqual(['twice']);
    inbox.close();
  });

  it('hears on when a waiter throws: the exception is counted, and the waiter still waits', async () => {
    const unreadable = new Unreadable();
    const heard: string[] = [];
    const inbox = new ReplyInbox<string>(
      agent,
      (_waiter, message) => {
        heard.push(message.string());
        throw new Error('a bug');
      },
      unreadable,
    );
    const reply = inbox.add('any');
    ask(reply, 'first');
    await expect.poll(() => unreadable.count).toBe(2);
    ask(reply, 'second');
    await expect.poll(() => heard).toEqual(['first', 'first', 'second', 'second']);
    inbox.close();
  });
});

describe('unreadable messages', () => {
  it('are all counted, and told once a minute with how many there were', () => {
    const told: number[] = [];
    const unreadable = new Unreadable(({ count }) => told.push(count));
    for (const now of [0, 1, 59_999, 60_000, 60_001, 200_000]) unreadable.ignore('a.subject', 'why', now);
    expect(told).toEqual([1, 3, 2]);
    expect(unreadable.count).toBe(6);
  });
});
