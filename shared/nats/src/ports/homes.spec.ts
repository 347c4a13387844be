import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HomesRig, type OpenMailbox, placeOf, SHARDS } from './homes.fixture.ts';

/**
 * What one had on its way when it died comes to the other after the ack wait of 5 s, and a pull request whose process
 * has gone may take some with it until it expires after 5 s.
 */
const IN_TIME = { timeout: 15_000, interval: 20 };
const LONG_MS = 120_000;
const MESSAGES = 200;

let rig: HomesRig;
beforeAll(async () => void (rig = await HomesRig.start()));
afterAll(() => rig?.stop());

const places = (...mailboxes: OpenMailbox[]): string[] =>
  mailboxes.flatMap(({ deliveries }) => deliveries.map(placeOf)).toSorted();
/** The streams of the log from which a mailbox was given something, from its n-th delivery on. */
const shardsOf = ({ deliveries }: OpenMailbox, from = 0): string[] => [
  ...new Set(deliveries.slice(from).flatMap(({ source, stream }) => (source === 'runs' ? [stream] : []))),
];

describe('given two mailboxes of one role', { timeout: LONG_MS }, () => {
  it('when messages come to all shards while they find each other, then each is delivered once, to one of them', async () => {
    const early = rig.send(MESSAGES);
    const one = await rig.mailbox();
    const meanwhile = rig.send(MESSAGES);
    const two = await rig.mailbox();
    const sent = [...(await early), ...(await meanwhile)];
    await expect.poll(() => places(one, two).length, IN_TIME).toBeGreaterThanOrEqual(sent.length);
    const before = [one, two].map(({ deliveries }) => deliveries.length);
    sent.push(...(await rig.send(MESSAGES)));
    await expect.poll(() => places(one, two).length, IN_TIME).toBeGreaterThanOrEqual(sent.length);
    expect(places(one, two)).toEqual(sent.toSorted());
    // Now that they know each other, a shard is pulled by one of them.
    const shards = [one, two].map((mailbox, index) => shardsOf(mailbox, before[index]));
    expect(shards.map((each) => each.length)).toEqual([SHARDS / 2, SHARDS / 2]);
    expect(new Set(shards.flat()).size).toBe(SHARDS);
    await Promise.all([one, two].map(({ close }) => close()));
  });

  it('when one of them dies without a word, then the other one gets the rest, and what was not acked', async () => {
    const [one, two] = [await rig.mailbox(() => undefined), await rig.mailbox()];
    const sent = await rig.send(MESSAGES);
    await expect.poll(() => new Set(places(one, two)).size, IN_TIME).toBe(sent.length);
    expect(one.deliveries.length).toBeGreaterThan(0);
    await one.die();
    const rest = await rig.send(MESSAGES);
    const all = [...sent, ...rest].toSorted();
    await expect.poll(() => places(two), IN_TIME).toEqual(all);
    expect(shardsOf(two)).toHaveLength(SHARDS);
    await two.close();
  });
});
