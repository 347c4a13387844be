export { ManualClock } from './manual-clock.ts';
export { MemoryBus } from './memory-bus.ts';
export type { DeadLetter, MemoryBusOptions } from './memory-bus.ts';
export type { Entry } from './memory-stream.ts';
export { ProcessPorts } from './process-ports.ts';
export type { Moment } from './process-ports.ts';
export { type IsWorking, quiet, settled } from './settled.ts';
