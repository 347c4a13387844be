import type { ActorPorts } from '../options.ts';
import { type Delivery, TransientError } from '../ports.ts';

/** Where a fault strikes: before what was asked for has happened, or after it, when only the answer is lost. */
export type Moment = 'before' | 'after';

/**
 * The ports of one process, with faults to order. Appends, acks, retries and rejects are its effects: a process can
 * be killed at any of them. A killed process does and learns nothing any more: its calls never return, its deliveries
 * are not settled, nothing is delivered to it.
 */
export class ProcessPorts {
  readonly ports: ActorPorts;
  #crashed = false;
  #effects = 0;
  #crashAt: { effect: number; moment: Moment } | undefined;
  #failures: Moment[] = [];

  constructor(ports: ActorPorts) {
    const { mailbox, journal, timers, deadLetters, clock } = ports;
    this.ports = {
      clock: { now: () => clock.now(), wait: (ms) => this.#alive(() => clock.wait(ms)) },
      mailbox: {
        open: (handler) => mailbox.open((delivery) => this.#deliver(delivery, handler)),
        stopPulling: () => mailbox.stopPulling(),
        mayBring: (tenant, before) => mailbox.mayBring(tenant, before),
      },
      journal: {
        append: (...call) => this.#append(() => journal.append(...call)),
        lastSeq: (...call) => this.#alive(() => journal.lastSeq(...call)),
        sent: (...call) => this.#alive(() => journal.sent(...call)),
        received: (...call) => this.#alive(() => journal.received(...call)),
        hasEnded: (...call) => this.#alive(() => journal.hasEnded(...call)),
        isArchived: (...call) => this.#alive(() => journal.isArchived(...call)),
      },
      timers: {
        arm: (...call) => this.#alive(() => timers.arm(...call)),
        armAlone: (...call) => this.#alive(() => timers.armAlone(...call)),
      },
      deadLetters: { bury: (letter) => this.#alive(() => deadLetters.bury(letter)) },
    };
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  /** Effects so far: a run without faults tells how many points there are to crash at. */
  get effects(): number {
    return this.#effects;
  }

  /** Kills the process now. */
  crash(): void {
    this.#crashed = true;
    void this.ports.mailbox.stopPulling();
  }

  /** Kills the process before or after its effect with this number, counted from 1. */
  crashAt(effect: number, moment: Moment): void {
    this.#crashAt = { effect, moment };
  }

  /** The next append throws a TransientError, before or after the message is stored. May be called several times. */
  failNextAppend(moment: Moment): void {
    this.#failures.push(moment);
  }

  async #append(append: () => Promise<number>): Promise<number> {
    const failure = this.#failures.shift();
    if (failure === 'before') throw new TransientError('the append was not stored');
    const seq = await this.#effect(append);
    if (failure === 'after') throw new TransientError('the acknowledgement of the append was lost');
    return seq;
  }

  async #effect<T>(act: () => Promise<T>): Promise<T> {
    this.#effects += 1;
    const strikes = this.#crashAt?.effect === this.#effects ? this.#crashAt.moment : undefined;
    if (strikes === 'before') this.crash();
    const result = await this.#alive(act);
    if (strikes !== 'after') return result;
    this.crash();
    return never();
  }

  async #alive<T>(act: () => Promise<T>): Promise<T> {
    if (this.#crashed) return never();
    const result = await act();
    return this.#crashed ? never() : result;
  }

  #deliver(delivery: Delivery, handler: (delivery: Delivery) => void): void {
    if (this.#crashed) return;
    const settle = (act: () => void) => void this.#effect(() => Promise.resolve(act()));
    handler({
      ...delivery,
      ack: () => settle(() => delivery.ack()),
      retry: (delayMs) => settle(() => delivery.retry(delayMs)),
      reject: () => settle(() => delivery.reject()),
      working: () => {
        if (!this.#crashed) delivery.working();
      },
    });
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
