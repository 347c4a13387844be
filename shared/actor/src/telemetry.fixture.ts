import type { ActorTelemetry } from '@troupe/telemetry';

/** Keeps what a runtime reports. */
export class RecordedTelemetry implements ActorTelemetry {
  readonly events: string[] = [];
  conflicts = 0;
  inHand: () => number = () => 0;
  actors: () => number = () => 0;

  handled(input: { id: string }, deliveries: number): void {
    this.events.push(`handled ${input.id} at delivery ${deliveries}`);
  }

  failed(_input: unknown, fate: 'retry' | 'dead', reason: string): void {
    this.events.push(`${fate}: ${reason}`);
  }

  left(_input: unknown, reason: string): void {
    this.events.push(`left: ${reason}`);
  }

  redeliveries = 0;
  readonly foreign: string[] = [];

  redelivered(): void {
    this.redeliveries += 1;
  }

  foreignStep({ id }: { id: string }, version: string): void {
    this.foreign.push(`${id} by ${version}`);
  }

  conflict(): void {
    this.conflicts += 1;
  }

  gauges({ inHand, actors }: { inHand(): number; actors(): number }): void {
    this.inHand = inHand;
    this.actors = actors;
  }
}
