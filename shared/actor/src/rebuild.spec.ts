import { afterEach, beforeEach, expect, it } from 'vitest';
import { settled } from './memory/settled.ts';
import type { ActorPorts } from './options.ts';
import { CAUSES_IN_FLIGHT } from './rebuild.ts';
import { Rig } from './rig.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

it('reads what a long history answers a few at a time: all at once, most would wait for longer than they may', async () => {
  await rig.start();
  for (let index = 0; index < 4 * CAUSES_IN_FLIGHT; index += 1) await rig.assign('say-1');
  await settled(rig.bus);
  await rig.end();

  let [inFlight, most] = [0, 0];
  const counted = (ports: ActorPorts): ActorPorts => ({
    ...ports,
    journal: {
      ...ports.journal,
      received: async (...call) => {
        most = Math.max(most, (inFlight += 1));
        const stored = await ports.journal.received(...call);
        inFlight -= 1;
        return stored;
      },
    },
  });
  await rig.start({ around: counted });
  await rig.assign('ask-1');
  await settled(rig.bus);
  expect(most).toBe(CAUSES_IN_FLIGHT);
  expect(rig.bus.runs.entries).toHaveLength(2 * (4 * CAUSES_IN_FLIGHT + 1));
});
