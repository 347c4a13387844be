import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** What telemetry needs to know of an input. */
export interface InputLabel {
  type: string;
  run: string;
  id: string;
}

/** What the actor runtime reports. */
export interface ActorTelemetry {
  handled(input: InputLabel, deliveries: number, durationMs: number): void;
  failed(input: InputLabel | undefined, fate: 'retry' | 'dead', reason: string): void;
  /** Given back to a process that understands it: an update is under way, and nothing has failed. */
  left(input: InputLabel | undefined, reason: string): void;
  /** A delivery that is not the first of its message. */
  redelivered(source: string): void;
  conflict(type: string): void;
  /** A step that another version of the decider began was completed here. */
  foreignStep(input: InputLabel, version: string): void;
  gauges(read: { inHand(): number; actors(): number }): void;
}

/** Counts into `metrics` and writes to `log`: each step at debug, failures at warn, dead letters at error. */
export function actorTelemetry(log: Logger, metrics: Metrics): ActorTelemetry {
  // Looking up a label by its value for each input costs more than counting it; types are few.
  const counters = new Map<string, ReturnType<Metrics['inputs']['labels']>>();
  const counterOf = (type: string) => {
    const counter = counters.get(type) ?? metrics.inputs.labels(type);
    counters.set(type, counter);
    return counter;
  };
  return {
    handled(input, deliveries, durationMs) {
      counterOf(input.type).inc();
      metrics.duration.observe(durationMs / 1_000);
      if (log.isLevelEnabled('debug')) {
        log.debug({ run: input.run, message: input.id, type: input.type, deliveries, durationMs }, 'handled');
      }
    },
    failed(input, fate, reason) {
      metrics.failures.inc({ fate });
      const line = { run: input?.run, message: input?.id, type: input?.type, reason };
      if (fate === 'dead') log.error(line, 'moved to the dead letters');
      else log.warn(line, 'will be tried again');
    },
    left(input, reason) {
      metrics.left.inc();
      log.info({ run: input?.run, message: input?.id, type: input?.type, reason }, 'left to another version');
    },
    redelivered: (source) => metrics.redeliveries.inc({ source }),
    conflict: () => metrics.conflicts.inc(),
    foreignStep(input, version) {
      metrics.foreignSteps.inc();
      const line = { run: input.run, message: input.id, type: input.type, version };
      log.warn(line, 'completed a step that another version of the decider began');
    },
    gauges(read) {
      metrics.gauge('troupe_in_hand', 'Deliveries in hand.', read.inHand);
      metrics.gauge('troupe_actors', 'Actors in memory.', read.actors);
    },
  };
}

/** Reports nothing: for tests of other things. */
export const silentTelemetry: ActorTelemetry = {
  handled: () => undefined,
  failed: () => undefined,
  left: () => undefined,
  redelivered: () => undefined,
  conflict: () => undefined,
  foreignStep: () => undefined,
  gauges: () => undefined,
};
