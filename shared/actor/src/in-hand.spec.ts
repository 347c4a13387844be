import { afterEach, describe, expect, it, vi } from 'vitest';
import { InHand } from './in-hand.ts';

const STEPS_PER_TURN = 8;
let inHand = new InHand(1_000_000);
afterEach(() => {
  inHand.stop();
  inHand = new InHand(1_000_000);
});

const act = () => vi.fn<() => void>();

function deliveryOf(seq: number, stream = 'RUNS_0') {
  const delivery = { source: 'runs' as const, stream, subject: 's', bytes: new Uint8Array(), seq };
  return { ...delivery, deliveries: 1, at: 0, isFresh: true, ack: act(), retry: act(), reject: act(), working: act() };
}

const turns = (steps: number) => {
  for (let step = 0; step < steps; step += 1) inHand.turn();
};

describe('the keep-alive wheel', () => {
  it.each([0, 1, 5, 7])('tells working() once per turn, first after one turn, from step %i on', (offset) => {
    turns(offset);
    const delivery = deliveryOf(1);
    inHand.take(delivery);
    turns(STEPS_PER_TURN - 1);
    expect(delivery.working).not.toHaveBeenCalled();
    turns(1);
    expect(delivery.working).toHaveBeenCalledTimes(1);
    turns(STEPS_PER_TURN * 3);
    expect(delivery.working).toHaveBeenCalledTimes(4);
  });

  it('costs nothing for a delivery that is settled within one turn', () => {
    const delivery = deliveryOf(1);
    const held = inHand.take(delivery);
    turns(STEPS_PER_TURN - 1);
    if (held) inHand.settle(held, (current) => current.ack());
    turns(STEPS_PER_TURN);
    expect(delivery.working).not.toHaveBeenCalled();
    expect(delivery.ack).toHaveBeenCalledTimes(1);
  });

  it('turns by itself, once per turn time', () => {
    vi.useFakeTimers();
    const wheel = new InHand(800);
    const delivery = deliveryOf(1);
    wheel.take(delivery);
    vi.advanceTimersByTime(1_600);
    wheel.stop();
    vi.advanceTimersByTime(1_600);
    vi.useRealTimers();
    expect(delivery.working).toHaveBeenCalledTimes(2);
  });
});

describe('what is in hand', () => {
  it('takes the handle of a redelivery, and settles with it', () => {
    const [first, second] = [deliveryOf(1), deliveryOf(1)];
    const held = inHand.take(first);
    expect(inHand.take(second)).toBeUndefined();
    turns(STEPS_PER_TURN);
    expect(held).toBeDefined();
    if (held) inHand.settle(held, (current) => current.ack());
    expect(first.working).not.toHaveBeenCalled();
    expect(second.working).toHaveBeenCalledTimes(1);
    expect(first.ack).not.toHaveBeenCalled();
    expect(second.ack).toHaveBeenCalledTimes(1);
    expect(inHand.size).toBe(0);
  });

  it('tells messages of different streams with the same sequence apart', () => {
    // Two shards are one source: the sequence of the one says nothing about the other.
    const [first, second] = [deliveryOf(1, 'RUNS_0'), deliveryOf(1, 'RUNS_1')];
    const held = inHand.take(first);
    expect(inHand.take(second)).toBeDefined();
    expect(inHand.size).toBe(2);
    if (held) inHand.settle(held, (current) => current.ack());
    expect(first.ack).toHaveBeenCalledTimes(1);
    expect(second.ack).not.toHaveBeenCalled();
    expect(inHand.size).toBe(1);
  });

  it('is empty when the last delivery is settled, not before', async () => {
    const all = [deliveryOf(1), deliveryOf(2)].map((delivery) => inHand.take(delivery));
    let isEmpty = false;
    const empty = inHand.empty().then(() => (isEmpty = true));
    const settle = (held: (typeof all)[number]) => held && inHand.settle(held, (current) => current.ack());
    settle(all[0]);
    await Promise.resolve();
    expect(isEmpty).toBe(false);
    settle(all[1]);
    await empty;
    expect(isEmpty).toBe(true);
    await inHand.empty();
  });
});
