import { MemoryBus, quiet } from '@troupe/actor/memory';
import { describe, expect } from 'vitest';
import { journalCases } from './journal-cases.fixture.ts';
import { mailboxCases } from './mailbox-cases.fixture.ts';
import { timerCases } from './timer-cases.fixture.ts';
import type { World } from './world.fixture.ts';

/** The bus in memory: time passes when it is told to. */
function memoryWorld(): World {
  const bus = new MemoryBus({ now: Date.parse('2026-01-01T00:00:00.250Z') });
  return {
    layout: bus.layout,
    // Replicas take turns here, so what one may have in hand needs no bound.
    connect: (role) => Promise.resolve(bus.connect(role).ports),
    goal: (tenant, bytes) => Promise.resolve(bus.publishGoal(tenant, bytes)),
    buried: (role) => Promise.resolve(bus.dead.find((letter) => letter.role === role)),
    async pass(ms) {
      await quiet(bus);
      bus.clock.advance(ms);
      await quiet(bus);
    },
    async soon(what, isSo) {
      await quiet(bus);
      expect({ what, isSo: isSo() }).toEqual({ what, isSo: true });
    },
    stop: () => Promise.resolve(),
  };
}

describe('the ports in memory', () => {
  const world = memoryWorld();
  journalCases(() => world);
  mailboxCases(() => world);
  timerCases(() => world);
});
