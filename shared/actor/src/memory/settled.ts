import type { MemoryBus } from './memory-bus.ts';

/** Turns of the event loop without any change after which nothing happens by itself any more. */
const QUIET_TURNS = 8;

const LEAPS_MAX = 200;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Whether something is under way that the bus cannot see: files, other processes. */
export type IsWorking = () => boolean;
const nobodyWorks: IsWorking = () => false;

/** Lets everything happen that happens without the clock being moved. */
export async function quiet(bus: MemoryBus, isWorking = nobodyWorks): Promise<void> {
  const seen = () => `${bus.runs.entries.length} ${bus.unsettled} ${bus.dead.length} ${bus.deliveries}`;
  for (let [still, before] = [0, seen()]; still < QUIET_TURNS;) {
    await turn();
    const now = seen();
    still = now === before && !isWorking() ? still + 1 : 0;
    before = now;
  }
}

/**
 * Lets everything happen, moving the clock to each next delivery or end of a pause, until every message is settled. Timers that are due
 * later than that stay armed. Throws when messages are still not settled after 200 moves of the clock.
 */
export async function settled(bus: MemoryBus, isWorking = nobodyWorks): Promise<void> {
  for (let leaps = 0; ; leaps += 1) {
    await quiet(bus, isWorking);
    if (bus.unsettled === 0) return;
    if (leaps >= LEAPS_MAX) throw new Error(`${bus.unsettled} messages are not settled after ${leaps} leaps in time`);
    const nextAt = Math.min(bus.nextDeliveryAt, bus.clock.nextWaitAt);
    bus.clock.advance(Math.max(0, nextAt - bus.clock.now()));
  }
}
