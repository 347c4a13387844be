import { INTAKE, USER } from '@troupe/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { Admission, GOALS_BATCH_MAX } from './admission.ts';
import type { Gate } from './gate.ts';
import { WINDOW_START } from './window.ts';

const RUNS_MAX = 10_000;
const unbounded = { add: () => undefined, free: () => 100_000, claim: () => 100_000 };

/** One tenant's consumer: goals that wait at the broker, and those that it has asked for. */
class Tenant {
  readonly gate: Gate;
  readonly name: string;
  readonly #admission: Admission;
  waiting = 0;
  asked = 0;
  readonly inHand = new Set<number>();
  #begun = 0;
  #ended = 0;

  constructor(admission: Admission, name: string) {
    this.#admission = admission;
    this.name = name;
    this.gate = admission.gate(name, unbounded);
    this.gate.add(this);
  }

  get inFlight(): number {
    return this.#begun - this.#ended;
  }

  taken(): number {
    return this.asked;
  }

  holds(before: number): boolean {
    return [...this.inHand].some((seq) => seq < before);
  }

  /** Asks as often as it may, and takes in what there is. */
  ask(): void {
    for (;;) {
      if (this.asked === 0) this.asked += Math.max(0, Math.min(GOALS_BATCH_MAX, this.gate.claim(this)));
      if (this.asked === 0 || this.waiting === 0) return;
      this.asked -= 1;
      this.waiting -= 1;
      this.#begun += 1;
      this.gate.came({ pending: this.waiting, seq: this.#begun });
      this.#stored(INTAKE, 'supervisor', this.#begun);
    }
  }

  publish(goals: number): void {
    this.waiting += goals;
    this.ask();
  }

  end(runs: number): void {
    for (let count = 0; count < runs; count += 1) this.#stored('supervisor', USER, (this.#ended += 1));
  }

  #stored(from: string, to: string, index: number): void {
    const run = `01990000-0000-7000-8000-${index.toString().padStart(12, '0')}`;
    this.#admission.stored({ tenant: this.name, run, task: 'run', from, to, ordinal: 0 });
  }
}

let now = 0;
let held: string[] = [];
let admission: Admission;
let a: Tenant;
let b: Tenant;
beforeEach(() => {
  now = 0;
  held = [];
  admission = new Admission({ runsMax: RUNS_MAX, now: () => now, onHeld: (tenant) => void held.push(tenant) });
  [a, b] = [new Tenant(admission, 'a'), new Tenant(admission, 'b')];
  return () => admission.stop();
});

/** Time passes, and a message comes that is late by so much. */
function step(lateMs = 0): void {
  now += 100;
  admission.delivered(lateMs);
}

describe('given a tenant that has published many goals', () => {
  beforeEach(() => {
    b.ask();
    a.publish(10_000);
  });

  it('then so many are taken in as the window allows, and the others are not asked for', () => {
    expect(a.inFlight).toBe(WINDOW_START);
    expect(a.asked).toBe(0);
    expect(admission.inFlight).toBe(WINDOW_START);
    expect(admission.waiting).toBe(10_000 - WINDOW_START);
  });

  it('when another one publishes a goal, then it is taken in at once', () => {
    b.publish(1);
    expect(b.inFlight).toBe(1);
  });

  it('when another one publishes as many, then both have the same as runs end', () => {
    b.publish(10_000);
    for (let round = 0; round < 100; round += 1) {
      a.end(a.inFlight > 4 ? 4 : 0);
      b.end(b.inFlight > 4 ? 4 : 0);
      a.ask();
      b.ask();
    }
    expect(Math.abs(a.inFlight - b.inFlight)).toBeLessThanOrEqual(4);
    expect(a.inFlight + b.inFlight).toBeLessThanOrEqual(WINDOW_START);
  });

  it('when somebody only looks whether more may be asked for, or homes change, then it is asked for when runs end', async () => {
    expect(a.gate.free(a)).toBeLessThanOrEqual(0);
    a.gate.open();
    expect(a.gate.isShort).toBe(true);
    a.end(10);
    await expect.poll(() => a.inFlight).toBeGreaterThanOrEqual(WINDOW_START);
  });

  it('when its goals are taken in elsewhere, then it wants nothing here, whatever was still on its way', () => {
    a.gate.close();
    a.gate.came({ pending: 9_000, seq: 100 });
    expect(a.gate.wanted).toBe(WINDOW_START);
    expect(admission.waiting).toBe(0);
    a.gate.open();
    a.gate.came({ pending: 8_000, seq: 101 });
    expect(a.gate.wanted).toBe(Infinity);
  });

  it('when runs end, then as many are taken in', () => {
    a.end(10);
    a.ask();
    expect(a.inFlight).toBe(WINDOW_START);
  });

  it('while nobody is late, then more are from step to step, and it is told whose goals wait', () => {
    step();
    a.ask();
    expect(a.inFlight).toBe(2 * WINDOW_START);
    expect(held).toEqual(['a']);
  });

  it('while messages are late, then none are', () => {
    step();
    for (let index = 0; index < 20; index += 1) step(400);
    expect(admission.delayMs).toBeGreaterThan(100);
    a.end(20);
    a.ask();
    expect(a.inFlight).toBe(WINDOW_START - 20);
  });

  it('then a cancel may have to wait for a goal that was stored before it, and for none that was taken in', () => {
    expect(admission.mayBring('a', 5_000)).toBe(true);
    expect(admission.mayBring('a', WINDOW_START - 1)).toBe(false);
    expect(admission.mayBring('b', 5_000)).toBe(false);
    expect(admission.mayBring('nobody', 1)).toBe(false);
  });
});

describe('whether a goal that was stored before a cancel may still come', () => {
  const AGAIN_MS = 6_001;
  const PATIENT_MS = 100_000;
  const mayBring = (before: number) => admission.mayBring('a', before);

  it('is not known when homes have changed: until what others had in hand would have come, and something has', () => {
    a.gate.came({ pending: 0, seq: 9 });
    expect(mayBring(9)).toBe(false);
    a.gate.open();
    now += AGAIN_MS - 1_002;
    a.gate.came({ pending: 0 });
    expect(mayBring(9)).toBe(true);
    now += PATIENT_MS;
    expect(mayBring(9)).toBe(true);
    a.gate.came({ pending: 7, seq: 8, deliveries: 2 });
    expect(mayBring(9)).toBe(true);
    a.gate.came({ pending: 0 });
    expect(mayBring(9)).toBe(false);
  });

  it('is not known while it is in hand, or was given back', () => {
    a.gate.came({ pending: 0, seq: 9 });
    a.inHand.add(5);
    expect([5, 6].map(mayBring)).toEqual([false, true]);
    a.inHand.clear();
    a.gate.mayComeAgain(5, 5_000);
    expect([5, 6].map(mayBring)).toEqual([false, true]);
    a.gate.came({ pending: 0, seq: 10 });
    expect(mayBring(6)).toBe(true);
    now += AGAIN_MS;
    a.gate.came({ pending: 0, seq: 11 });
    expect(mayBring(6)).toBe(false);
  });

  it('is not known to who does not take in the goals of the tenant, or not any more', () => {
    a.gate.close();
    expect(mayBring(1)).toBe(true);
  });
});

describe('given other roles whose messages are late', () => {
  it('then fewer are taken in, though this process is idle', () => {
    const others = () => [{ messages: 1_000, ms: 300 }];
    const busy = new Admission({ runsMax: RUNS_MAX, now: () => now, others });
    const tenant = new Tenant(busy, 'a');
    tenant.publish(1_000);
    for (let index = 0; index < 20; index += 1) {
      now += 100;
      busy.delivered(0);
    }
    expect(busy.window).toBeLessThan(WINDOW_START);
    busy.stop();
  });
});

describe('the runs in flight', () => {
  /** A run of the other tenant at home here took so long. */
  const ranFor = (ms: number) => {
    b.publish(1);
    now += ms;
    b.end(1);
  };

  it('are all that began here: one that is at home elsewhere for as long as runs take here', () => {
    admission.settle((run) => run.endsWith('1'));
    a.publish(12);
    expect(admission.inFlight).toBe(12);
    ranFor(400);
    step();
    // Those that end in 1, of which there are two.
    expect(admission.inFlight).toBe(2);
  });

  it('are those at home elsewhere for ten seconds, while no run was seen to end', () => {
    admission.settle(() => false);
    a.publish(12);
    now += 9_800;
    step();
    expect(admission.inFlight).toBe(12);
    step();
    expect(admission.inFlight).toBe(0);
  });

  it('are forgotten after as long when homes change, whoever saw their end', () => {
    a.publish(10);
    ranFor(300);
    admission.settle(() => true);
    step();
    expect(admission.inFlight).toBe(0);
  });

  it('leave no trace of those that others ended while two builds were there', () => {
    admission.settle(() => true, true);
    expect(admission.mayBring('a', 1)).toBe(true);
    ranFor(300);
    a.publish(10);
    expect(admission.inFlight).toBe(10);
    a.end(4);
    expect(admission.inFlight).toBe(6);
    now += 300;
    step();
    expect(admission.inFlight).toBe(0);
    admission.settle(() => true);
    expect(admission.inFlight).toBe(0);
  });

  it('let nobody take in more who picks the runs that are at home elsewhere', () => {
    const late = () => [{ messages: 1_000, ms: 400 }];
    const busy = new Admission({ runsMax: RUNS_MAX, now: () => now, others: late });
    busy.settle((run) => run.endsWith('x'));
    const evader = new Tenant(busy, 'evader');
    for (let steps = 0; steps < 50; steps += 1) {
      evader.publish(1_000);
      now += 100;
      busy.delivered(0);
    }
    // In five seconds, though none has ended.
    expect(evader.inFlight).toBeLessThanOrEqual(2 * WINDOW_START);
    busy.stop();
  });

  it('are forgotten after ten minutes: those wait for models or people, or their end was missed', () => {
    a.publish(10);
    now += 600_001;
    step();
    expect(admission.inFlight).toBe(0);
  });
});
