import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { HOLD_MS, Pace, PAUSE_MS, PAUSE_MS_MAX } from './pace.ts';

const never = new AbortController().signal;

/** Time that goes from one thing that was waited for to the next. */
class EventClock implements Clock {
  readonly #timers: { at: number; wake: () => void }[] = [];
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => void this.#timers.push({ at: this.#nowMs + ms, wake }));
  }

  deadline() {
    return { signal: never, clear: () => {} };
  }

  /** Until nothing is waited for any more, or `ms` have passed. */
  async run(ms = Infinity): Promise<void> {
    const end = this.#nowMs + ms;
    for (;;) {
      await new Promise((settled) => setImmediate(settled));
      const next = this.#timers.toSorted((one, other) => one.at - other.at)[0];
      if (next === undefined || next.at > end) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#nowMs = next.at;
      next.wake();
    }
    if (end !== Infinity) this.#nowMs = end;
  }
}

/** A service that takes `atOnceMax` calls at once, each of 1 s, and refuses more. */
class Service {
  refused = 0;
  open = 0;
  readonly #clock: EventClock;
  readonly #atOnceMax: number;

  constructor(clock: EventClock, atOnceMax: number) {
    this.#clock = clock;
    this.#atOnceMax = atOnceMax;
  }

  async call(): Promise<'ok' | 'rate_limited'> {
    if (this.open >= this.#atOnceMax) {
      this.refused += 1;
      await this.#clock.sleep(5);
      return 'rate_limited';
    }
    this.open += 1;
    await this.#clock.sleep(1_000);
    this.open -= 1;
    return 'ok';
  }
}

/** Asks until it is answered. */
async function ask(pace: Pace, service: Service, retryAfterMs?: number): Promise<void> {
  for (;;) {
    const turn = await pace.enter(never);
    if (turn === undefined) return;
    const ended = await service.call();
    pace.leave(turn, ended, ended === 'ok' ? undefined : retryAfterMs);
    if (ended === 'ok') return;
  }
}

describe('given a provider that takes four calls at once', () => {
  it.each([undefined, 1_000])(
    'when 200 are wanted, then it is refused in one burst, and all take little longer than they must (retry-after %s)',
    async (retryAfterMs) => {
      const clock = new EventClock();
      const [pace, service] = [new Pace(clock), new Service(clock, 4)];
      let answered = 0;
      for (let index = 0; index < 200; index += 1) void ask(pace, service, retryAfterMs).then(() => (answered += 1));
      await clock.run();
      expect(answered).toBe(200);
      expect(clock.now()).toBeLessThanOrEqual(1.3 * (200 / 4) * 1_000);
      // 196 of the first burst, and one for each attempt at more.
      expect(service.refused).toBeLessThanOrEqual(196 + 4);
    },
  );

  it('when it was refused, then one more is tried only after a while', async () => {
    const clock = new EventClock();
    const [pace, service] = [new Pace(clock), new Service(clock, 4)];
    for (let index = 0; index < 200; index += 1) void ask(pace, service);
    await clock.run(HOLD_MS - 2_000);
    expect(pace.atOnceMax).toBe(4);
    expect(service.refused).toBe(196);
    await clock.run(6_000);
    expect(service.refused).toBeGreaterThan(196);
  });
});

describe('given a provider that was asked too much', () => {
  const refusedOnce = async (retryAfterMs?: number) => {
    const clock = new EventClock();
    const pace = new Pace(clock);
    const [one, other] = [await pace.enter(never), await pace.enter(never)];
    if (one === undefined || other === undefined) throw new Error('there was no limit yet');
    pace.leave(one, 'rate_limited', retryAfterMs);
    let entered = 0;
    void pace.enter(never).then(() => (entered += 1));
    return { clock, pace, other, entered: () => entered };
  };

  it('when it says for how long, then nobody asks until then', async () => {
    const { clock, pace, other, entered } = await refusedOnce(10_000);
    pace.leave(other, 'ok');
    await clock.run(9_999);
    expect(entered()).toBe(0);
    await clock.run(1);
    expect(entered()).toBe(1);
  });

  it('when it does not say for how long, then for half a second', async () => {
    const { clock, pace, other, entered } = await refusedOnce();
    pace.leave(other, 'ok');
    await clock.run(PAUSE_MS - 1);
    expect(entered()).toBe(0);
    await clock.run(1);
    expect(entered()).toBe(1);
  });

  it('when it asks for hours, then it is asked again after half a minute: it may have been a mistake', async () => {
    const { clock, pace, other, entered } = await refusedOnce(3_600_000);
    pace.leave(other, 'ok');
    await clock.run(PAUSE_MS_MAX - 1);
    expect(entered()).toBe(0);
    await clock.run(1);
    expect(entered()).toBe(1);
  });

  it('when everything is refused, then one call at once is left, never none', async () => {
    const { clock, pace, other, entered } = await refusedOnce();
    pace.leave(other, 'rate_limited');
    expect(pace.atOnceMax).toBe(1);
    await clock.run(PAUSE_MS);
    expect(entered()).toBe(1);
  });

  it('when nobody wants to know any more, then the turn goes to the next', async () => {
    const { clock, pace, other } = await refusedOnce();
    const gone = new AbortController();
    const left = pace.enter(gone.signal);
    expect(pace.waiting).toBe(2);
    gone.abort();
    expect(await left).toBeUndefined();
    expect(pace.waiting).toBe(1);
    pace.leave(other, 'ok');
    await clock.run();
    expect(pace.waiting).toBe(0);
  });
});

describe('given a tenant that waits with many questions', () => {
  it('when one of another tenant or role comes, then it is next but one, not last', async () => {
    const clock = new EventClock();
    const pace = new Pace(clock);
    const limiting = await pace.enter(never);
    if (limiting === undefined) throw new Error('there was no limit yet');
    pace.leave(limiting, 'rate_limited');
    const entered: string[] = [];
    const wait = (tenant: string, role: string) =>
      void pace.enter(never, { tenant, role }).then((turn) => {
        entered.push(`${tenant}/${role}`);
        if (turn !== undefined) pace.leave(turn, 'aborted');
      });
    for (let nth = 0; nth < 10; nth += 1) wait('many', 'researcher');
    wait('one', 'researcher');
    wait('one', 'writer');
    await clock.run();
    expect(entered.slice(0, 4)).toEqual(['many/researcher', 'one/writer', 'one/researcher', 'many/researcher']);
    expect(entered).toHaveLength(12);
  });

  it('when somebody comes who has not waited, then not before those who wait', async () => {
    const clock = new EventClock();
    const pace = new Pace(clock);
    const turn = pace.enterAtOnce();
    if (turn === undefined) throw new Error('there was no limit yet');
    pace.leave(turn, 'rate_limited');
    expect(pace.enterAtOnce()).toBeUndefined();
    await clock.run(PAUSE_MS);
    expect([pace.atOnceMax, pace.enterAtOnce()]).toEqual([1, expect.anything()]);
    void pace.enter(never);
    expect([pace.isFull, pace.waiting, pace.enterAtOnce()]).toEqual([true, 1, undefined]);
  });
});
