import type { NatsConnection } from '@nats-io/nats-core';
import { connectAs } from '@troupe/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askSubject, type SecuredBus, startSecuredBus, STREAM } from './secured-bus.fixture.ts';

/** Where somebody always listens: the gateway. The server gives up a pull when nobody hears its deliveries. */
const HEARD = askSubject('writer');

let bus: SecuredBus;
let gateway: NatsConnection;
beforeAll(async () => {
  bus = await startSecuredBus();
  gateway = bus.as('llm-gateway');
  gateway.subscribe(HEARD, { callback: () => undefined });
  await gateway.flush();
});
afterAll(() => bus?.stop());

const openPulls = async (): Promise<number> => (await bus.manager.consumers.info(STREAM, 'writer')).num_waiting;

/** Asks as the writer for deliveries that the gateway gets, and goes away. */
async function pullAndGo(request: string): Promise<void> {
  const thief = await connectAs('writer', bus.server);
  thief.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${STREAM}.writer`, request, { reply: HEARD });
  await thief.nc.flush();
  await thief.nc.close();
}

describe('given the seed of a role in the wrong hands', () => {
  it.each(['1000000000', '{"batch":1000000000}', '{"batch":513}'])(
    'when it asks for %s deliveries without a time limit, then nothing stays behind that takes them',
    async (request) => {
      await pullAndGo(request);
      expect(await openPulls()).toBe(0);
    },
  );

  it('when it asks for as many as a role itself does, then the server takes the request', async () => {
    await pullAndGo('{"batch":512,"expires":20000000000}');
    expect(await openPulls()).toBe(1);
  });
});
