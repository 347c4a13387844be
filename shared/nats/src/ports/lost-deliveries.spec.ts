import { describe, expect, it } from 'vitest';
import { readAckSubject } from '../bus/ack-subject.ts';
import { LostDeliveries } from './lost-deliveries.ts';

/** The reply subject of the delivery of message 7, the third of its consumer. */
const REPLY = '$JS.ACK.GOALS.supervisor.1.7.3.1700000000000000000.0';
const none = () => false;

function afterEmpty(): LostDeliveries {
  const lost = new LostDeliveries();
  lost.cutOff(7, REPLY);
  return lost;
}

describe('what was delivered behind an empty message', () => {
  it('is all that lies between it and where the server has come, but for what arrived', () => {
    const lost = afterEmpty();
    const found = lost.found(10, (seq) => seq === 9);
    expect(found.map((subject) => readAckSubject(subject)?.seq)).toEqual([8, 10]);
  });

  it('is refused as a first delivery that the consumer has not settled yet', () => {
    expect(afterEmpty().found(8, none)).toEqual(['$JS.ACK.GOALS.supervisor.1.8.4.1700000000000000000.0']);
  });

  it('is asked for once', () => {
    const lost = afterEmpty();
    lost.found(10, none);
    expect(lost.isSearching).toBe(false);
    expect(lost.found(20, none)).toEqual([]);
  });

  it('is nothing where the server has come no further', () => {
    const lost = afterEmpty();
    expect(lost.found(7, none)).toEqual([]);
    expect(lost.isSearching).toBe(false);
  });

  it('is not known from where the server was before, or from a heartbeat that does not say', () => {
    const lost = afterEmpty();
    expect(lost.found(6, none)).toEqual([]);
    expect(lost.found(Number.NaN, none)).toEqual([]);
    expect(lost.isSearching).toBe(true);
  });

  it('is bounded, however far the server has come', () => {
    expect(afterEmpty().found(1_000_000, none)).toHaveLength(4_096);
  });

  it('is found in domains, too', () => {
    const lost = new LostDeliveries();
    lost.cutOff(7, '$JS.ACK.hub.HASH.GOALS.supervisor.1.7.3.1700000000000000000.0.random');
    expect(lost.found(8, none)).toEqual(['$JS.ACK.hub.HASH.GOALS.supervisor.1.8.4.1700000000000000000.0.random']);
  });
});
