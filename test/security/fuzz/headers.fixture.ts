import { headers, type MsgHdrs } from '@nats-io/nats-core';
import type { Chance } from './chance.fixture.ts';
import { dueSubject } from './subjects.fixture.ts';

const PAST = '@at 2020-01-01T00:00:00Z';
/** One message in so many has a header that asks the server for something. */
const HEADER_ONE_IN = 10;

/** What the server acts on when it stores a message. */
const ASKED: readonly [string, string][] = [
  ['Nats-Rollup', 'all'],
  ['Nats-Rollup', 'sub'],
  ['Nats-TTL', '1'],
  ['Nats-TTL', '-1'],
  ['Nats-Msg-Id', 'a'],
  ['Nats-Expected-Last-Sequence', '0'],
  ['Nats-Expected-Last-Subject-Sequence', '18446744073709551615'],
  ['Nats-Expected-Stream', 'DEAD'],
  ['Nats-Schedule', PAST],
  ['Nats-Schedule', '@every 1s'],
  ['Nats-Schedule', 'x'],
  ['Nats-Batch-Id', 'a'],
  ['Nats-Batch-Commit', '1'],
  ['Status', '503'],
];

/** A timer is due at once, so that what it holds is delivered; other messages have a hostile header now and then. */
export function headersFor(pattern: string, chance: Chance): MsgHdrs | undefined {
  if (pattern.startsWith('troupe.timers.')) return made(['Nats-Schedule', PAST], chance);
  return chance.below(HEADER_ONE_IN) === 0 ? made(chance.of(ASKED), chance) : undefined;
}

function made([name, value]: readonly [string, string], chance: Chance): MsgHdrs {
  const all = headers();
  all.set(name, value);
  if (name === 'Nats-Schedule') all.set('Nats-Schedule-Target', dueSubject(chance));
  return all;
}
