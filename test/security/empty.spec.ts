import { BrokerClock, connectAs, NatsMailbox } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must, ROLES, type SecuredBus, startSecuredBus } from './secured-bus.fixture.ts';

/** Well below the ack wait (5 s): a goal that comes after it was lost with its pull and delivered again. */
const DELIVERED_MS_MAX = 2_500;
const IN_HAND_MAX = 1_000;

let bus: SecuredBus;
beforeAll(async () => {
  bus = await startSecuredBus();
});
afterAll(() => bus?.stop());

describe('given empty messages among the goals', () => {
  it.each([3, 100])(
    'when a stranger publishes %i of them, then the next goal is delivered at once',
    async (empties) => {
      const role = ROLES.find(({ takesGoals }) => takesGoals === true);
      if (role === undefined) throw new Error('no role takes goals');
      const supervisor = await connectAs(role.name, bus.server);
      const mailbox = new NatsMailbox(supervisor, role, IN_HAND_MAX, { clock: new BrokerClock() });
      const goal = `{"goal":"after ${empties} empty ones"}`;
      const delivered: string[] = [];
      await mailbox.open((delivery) => {
        delivered.push(Buffer.from(delivery.bytes).toString());
        delivery.ack();
      });
      for (let count = 0; count < empties; count += 1) bus.client.publish('troupe.goals.default', '');
      await must(bus.client, 'troupe.goals.default', goal);
      await expect.poll(() => delivered, { timeout: DELIVERED_MS_MAX }).toContain(goal);
      await mailbox.stopPulling();
      await supervisor.nc.close();
    },
  );
});
