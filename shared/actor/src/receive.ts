import {
  decode,
  idOfAddress,
  type Input,
  type LogLayout,
  MalformedError,
  Message,
  parse,
  parseDueSubject,
  parseRunSubject,
  type Received,
  type RunAddress,
  RunId,
  readsVersion,
  type Token,
} from '@troupe/contract';
import { z } from 'zod';
import { type Delivery, NewerError, type Stored, type Timer } from './ports.ts';
import { type RoleDeclaration, WORKERS } from './role.ts';

/** Timers that one due message may hold. */
export const DUE_ENTRIES_MAX = 4_096;

const DueEntries = z.object({
  timers: z.array(z.object({ run: RunId, at: z.int() })).max(DUE_ENTRIES_MAX),
});

/**
 * Parses a delivery into the inputs it holds: one, or several for a due timer batch. This is the only boundary
 * where bytes become types. Throws MalformedError with what is wrong, NewerError for what a newer version wrote.
 */
export function receive(role: RoleDeclaration, layout: LogLayout, delivery: Delivery): Input[] {
  switch (delivery.source) {
    case 'runs':
      return [parseMessage(role, layout, delivery)];
    case 'goals':
      throw new MalformedError('a goal is no message of a run');
    case 'due':
      return parseDue(layout, delivery).map((timer) => ({
        type: 'deadline',
        id: dueId(delivery.seq, timer),
        ...timer,
      }));
  }
}

/**
 * A message of a run, checked against its subject and against what the role declares that it consumes. Who sends is
 * checked before the bytes are looked at: a stranger's flood costs next to nothing.
 */
export function parseMessage(
  role: RoleDeclaration,
  layout: LogLayout,
  { subject, bytes, at }: Pick<Delivery, 'subject' | 'bytes' | 'at'>,
): Received {
  const address = parseRunSubject(subject);
  if (address === undefined) throw new MalformedError(`the subject ${subject} is not of a run message`);
  if (!Object.values(role.consumes).some((senders) => mayBeFrom(senders, address.from)))
    throw new MalformedError(`${role.name} takes nothing from ${address.from}`);
  // In another shard nobody would find the run's own log.
  if (address.shard !== layout.shardOf(address.run))
    throw new MalformedError(`the run ${address.run} is not of shard ${address.shard}`);
  const message = parseEnvelope(bytes);
  if (!isOfPlace(message, address)) {
    const { tenant, run, id } = message;
    throw new MalformedError(`the message says it is ${tenant}/${run}/${id}, its subject says ${subject}`);
  }
  const senders = role.consumes[message.type];
  if (senders === undefined) throw new MalformedError(`${role.name} does not consume ${message.type}`);
  if (!mayBeFrom(senders, address.from))
    throw new MalformedError(`${role.name} does not take ${message.type} from ${address.from}`);
  return { ...message, storedAt: at };
}

const isOfPlace = ({ tenant, run, task, id }: Message, address: RunAddress): boolean =>
  tenant === address.tenant && run === address.run && task === address.task && id === idOfAddress(address);

// Which roles are workers is the broker's to know: its permissions decide who may write to this mailbox.
const mayBeFrom = (senders: readonly string[], from: Token): boolean =>
  senders.includes(WORKERS) || senders.includes(from);

/** One of the role's own stored messages. */
export function parseOwn(stored: Stored): Message {
  return parseEnvelope(stored.bytes);
}

function parseEnvelope(bytes: Uint8Array): Message {
  const value = decode(bytes);
  if (isNewer(value)) throw new NewerError('the message was written by a newer version; update this process');
  const parsed = parse(Message, value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new MalformedError(
    `the message does not fit its schema: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  );
}

const TYPE = /^[a-z]{1,32}\.[a-z]{1,32}$/;

/**
 * During a rolling update a message waits for a process that knows its type and its version. What is neither is not
 * waited for.
 */
function isNewer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('v' in value) || !('type' in value)) return false;
  const { type, v } = value;
  if (typeof type !== 'string' || !TYPE.test(type) || typeof v !== 'number' || !Number.isSafeInteger(v)) return false;
  return v > (readsVersion(type) ?? 0);
}

function parseDue(layout: LogLayout, { subject, bytes }: Pick<Delivery, 'subject' | 'bytes'>): Timer[] {
  const place = parseDueSubject(subject);
  if (place === undefined) throw new MalformedError(`the subject ${subject} is not of a timer`);
  const due = DueEntries.safeParse(decode(bytes));
  if (!due.success) throw new MalformedError('the timer does not fit its schema');
  if (due.data.timers.some(({ run }) => layout.shardOf(run) !== place.shard))
    throw new MalformedError(`not all of its runs are of shard ${place.shard}`);
  return due.data.timers.map((timer) => ({ tenant: place.tenant, ...timer }));
}

/** The time is part of the ID: a log tells for which time a deadline was meant. */
const dueId = (seq: number, { at }: Timer): string => `due.${seq}.${at}`;
