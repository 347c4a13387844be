import { GOAL_PAYLOAD_BYTES_MAX, MESSAGE_BYTES_MAX, QUESTION_BYTES_MAX } from '@troupe/contract';
import { jsonSuite, msgpackSuite, naughtyStrings } from '../../wire/parsing-suites.fixture.ts';
import { changedMessage, changesOf } from './changed.fixture.ts';
import type { Chance } from './chance.fixture.ts';
import { hostileMsgpack } from './msgpack.fixture.ts';

const MIB = 1024 * 1024;
const LARGE = [GOAL_PAYLOAD_BYTES_MAX, MESSAGE_BYTES_MAX, QUESTION_BYTES_MAX].flatMap((size) => [size, size + 1]);
/** One message in so many is a large one: a thousand of them would be half a gigabyte. */
const LARGE_ONE_IN = 200;
const DEEP_JSON = `{"goal":${'['.repeat(50_000)}`;
const DOCUMENTS = jsonSuite().map(({ bytes }) => bytes);
const ENCODINGS = msgpackSuite().flatMap(({ encodings }) => encodings);
const NAUGHTY = naughtyStrings();
const EMPTY = new Uint8Array();

/** What the server itself reads of a request: pulls, acks, direct gets. */
const REQUESTS = [
  '{"batch":1000000000,"no_wait":true}',
  '{"batch":-1,"expires":-1}',
  '{"batch":1,"expires":9223372036854775807,"idle_heartbeat":1}',
  '{"batch":10,"expires":2000000000,"max_bytes":1}',
  '{"batch":1,"group":"x","id":"y","priority":9,"min_pending":-1,"no_wait":true}',
  '{"multi_last":[">","troupe.>"],"batch":1000000000,"up_to_seq":18446744073709551615}',
  '{"seq":18446744073709551615,"next_by_subj":">","start_time":"0001-01-01T00:00:00Z"}',
  '{"last_by_subj":"*","seq":-1}',
  '+ACK',
  '+NXT {"batch":1000}',
  '+TERM x',
  '-NAK {"delay":-1}',
  '+WPI',
  '+PROGRESS',
];
/** Goals, cancels, timers, broadcasts and API requests that are almost right. */
const SIGNALS = [
  '{"goal":"x","options":{"deadline_ms":1000,"tasks_max":99}}',
  '{"goal":"x","id":"__proto__"}',
  `{"goal":"x","${'o'.repeat(20_000)}":1}`,
  '{"goal":"x","options":{"deadline_ms":1e400}}',
  '{"runId":"01990000-0000-7000-8000-000000000001"}',
  '{"timers":[{"run":"01990000-0000-7000-8000-000000000001","at":-1}]}',
  '{"timers":[{"run":"01990000-0000-7000-8000-000000000001","tenant":"evil","at":1}]}',
  '{"timers":[{"run":"x"}]}',
  '{"gateway":"x","gone":true}',
  '{"gateway":"x","gone":"yes"}',
  '{"kind":"answer","answer":{"ok":true}}',
];

function large(chance: Chance): Uint8Array {
  const size = chance.of([...LARGE, MIB - 4_096]);
  return Buffer.alloc(size, chance.of(['x', '{', '[', '\u0000']));
}

/** Makes payloads, one after the other, from a seed. */
export function payloads(chance: Chance, seed: number): (subject: string) => Uint8Array {
  const changes = changesOf(seed);
  const makers: ((subject: string) => Uint8Array)[] = [
    () => EMPTY,
    () => hostileMsgpack(chance),
    () => chance.of(DOCUMENTS),
    () => chance.of(ENCODINGS),
    () => Buffer.from(chance.of(NAUGHTY)),
    () => Buffer.from(JSON.stringify({ goal: chance.of(NAUGHTY), id: chance.of(NAUGHTY) })),
    () => Buffer.from(chance.of(REQUESTS)),
    () => Buffer.from(chance.of(SIGNALS)),
    () => Buffer.from(chance.below(20) === 0 ? DEEP_JSON : '{"v":2}'),
    (subject) => truncated(chance, changedMessage(chance.of(changes), subject, false)),
  ];
  const changed = (subject: string) => changedMessage(chance.of(changes), subject, chance.below(2) === 0);
  return (subject) => {
    if (chance.below(LARGE_ONE_IN) === 0) return large(chance);
    return (chance.below(2) === 0 ? changed : chance.of(makers))(subject);
  };
}

const truncated = (chance: Chance, bytes: Uint8Array): Uint8Array => bytes.subarray(0, chance.below(bytes.length + 1));
