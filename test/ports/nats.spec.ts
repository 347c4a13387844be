import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journalCases } from './journal-cases.fixture.ts';
import { mailboxCases } from './mailbox-cases.fixture.ts';
import { natsWorld } from './nats-world.fixture.ts';
import { timerCases } from './timer-cases.fixture.ts';
import { desks, type World } from './world.fixture.ts';

describe('the ports on NATS', () => {
  let world: World | undefined;
  const get = () => {
    if (world === undefined) throw new Error('the server is not up');
    return world;
  };
  beforeAll(async () => {
    world = await natsWorld();
  });
  afterAll(() => world?.stop());
  journalCases(get);
  mailboxCases(get);
  timerCases(get);

  it('bury any message, however large, with a reason of any length: the head of it is kept', async () => {
    const [desk] = desks;
    if (desk === undefined) throw new Error('no role has a desk');
    const { deadLetters } = await get().connect(desk);
    const bytes = new Uint8Array(1_000_000).fill(7);
    await deadLetters.bury({ subject: 'troupe.goals.Bad', seq: 1, bytes, reason: 'x'.repeat(500_000) });
    const letter = await get().buried(desk.name);
    expect(letter?.reason).toMatch(/^x{1,2000}$/);
    expect(letter?.bytes).toEqual(bytes.subarray(0, 64 * 1024));
  });
});
