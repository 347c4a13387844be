import type { MemoryBus } from './memory/memory-bus.ts';
import { MemoryJournal, type View } from './memory/memory-journal.ts';
import type { ActorPorts } from './options.ts';

/** The ports of a process that reads from a server that lags behind: it sees the log up to the sequence `view`. */
export function lagging(ports: ActorPorts, bus: MemoryBus, view: View): ActorPorts {
  const seen = new MemoryJournal(bus.runs, bus.layout, view);
  return {
    ...ports,
    journal: {
      ...ports.journal,
      sent: (...call) => seen.sent(...call),
      received: (...call) => seen.received(...call),
      hasEnded: (...call) => seen.hasEnded(...call),
    },
  };
}
