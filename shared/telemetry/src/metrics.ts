import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of one process. Names follow the Prometheus naming practice; durations are in seconds. */
export function createMetrics(role: string) {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  return {
    registry,
    gauge,
    inputs: new Counter({
      name: 'troupe_inputs_total',
      help: 'Inputs handled, by type.',
      labelNames: ['type'],
      registers,
    }),
    redeliveries: new Counter({
      name: 'troupe_redeliveries_total',
      help: 'Deliveries after the first, by stream.',
      labelNames: ['source'],
      registers,
    }),
    foreignSteps: new Counter({
      name: 'troupe_foreign_steps_total',
      help: 'Steps that another version of the decider began.',
      registers,
    }),
    held: new Counter({
      name: 'troupe_goals_held_total',
      help: 'Tenths of a second in which goals of a tenant had to wait.',
      labelNames: ['tenant'],
      registers,
    }),
    conflicts: new Counter({ name: 'troupe_conflicts_total', help: 'Lost races for an actor (A1).', registers }),
    failures: new Counter({
      name: 'troupe_failures_total',
      help: 'Failed deliveries, by fate.',
      labelNames: ['fate'],
      registers,
    }),
    left: new Counter({
      name: 'troupe_left_total',
      help: 'Deliveries given back to a process of another version, which understands them.',
      registers,
    }),
    duration: new Histogram({
      name: 'troupe_input_duration_seconds',
      help: 'From delivery to ack, model and tool time included.',
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
