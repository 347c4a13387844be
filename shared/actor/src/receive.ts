import {
  decode,
  idOfAddress,
  type Input,
  MalformedError,
  Message,
  parse,
  parseRunSubject,
  readGoal,
  type Received,
  RunId,
  SCHEMA_VERSION,
  type Signal,
  Token,
} from '@troupe/contract';
import { z } from 'zod';
import { type Delivery, NewerError, type Stored, type Timer } from './ports.ts';
import { type RoleDeclaration, WORKERS } from './role.ts';
import { runIdOf } from './run-id.ts';

/** Timers that one due message may hold. */
export const DUE_ENTRIES_MAX = 4_096;

const DueEntries = z.object({
  timers: z.array(z.object({ run: RunId, tenant: Token, at: z.int() })).max(DUE_ENTRIES_MAX),
});

/**
 * Parses a delivery into the inputs it holds: one, or several for a due timer batch. This is the only boundary
 * where bytes become types. Throws MalformedError with what is wrong, NewerError for what a newer version wrote.
 */
export function receive(role: RoleDeclaration, delivery: Delivery): Input[] {
  switch (delivery.source) {
    case 'runs':
      return [parseMessage(role, delivery)];
    case 'goals':
      return [parseGoalStream(delivery.subject, delivery.bytes, delivery.seq, delivery.at)];
    case 'due':
      return parseDue(delivery.bytes).map((timer) => ({ type: 'deadline', id: dueId(delivery.seq, timer), ...timer }));
  }
}

/**
 * A message of a run, checked against its subject and against what the role declares that it consumes. Who sends is
 * checked before the bytes are looked at: a stranger's flood costs next to nothing.
 */
export function parseMessage(
  role: RoleDeclaration,
  { subject, bytes, at }: Pick<Delivery, 'subject' | 'bytes' | 'at'>,
): Received {
  const address = parseRunSubject(subject);
  if (address === undefined) throw new MalformedError(`the subject ${subject} is not of a run message`);
  if (!Object.values(role.consumes).some((senders) => mayBeFrom(senders, address.from)))
    throw new MalformedError(`${role.name} takes nothing from ${address.from}`);
  const message = parseEnvelope(bytes);
  if (message.run !== address.run || message.task !== address.task || message.id !== idOfAddress(address)) {
    throw new MalformedError(`the message says it is ${message.run}/${message.id}, its subject says ${subject}`);
  }
  const senders = role.consumes[message.type];
  if (senders === undefined) throw new MalformedError(`${role.name} does not consume ${message.type}`);
  if (!mayBeFrom(senders, address.from))
    throw new MalformedError(`${role.name} does not take ${message.type} from ${address.from}`);
  return { ...message, storedAt: at };
}

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

/** During a rolling update a message waits for a process that knows its version. What is no version is not waited for. */
function isNewer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('v' in value)) return false;
  return typeof value.v === 'number' && Number.isSafeInteger(value.v) && value.v > SCHEMA_VERSION;
}

const EXCERPT_CHARS = 200;

/** A signal from the `GOALS` stream: a goal (accepted or rejected) or a cancel request. */
export function parseGoalStream(subject: string, bytes: Uint8Array, seq: number, at: number): Signal {
  const [, kind, token = '', run = ''] = subject.split('.');
  const tenant = Token.safeParse(token);
  if (!tenant.success)
    throw new MalformedError(`the tenant "${token}" ${tenant.error.issues[0]?.message ?? 'is not valid'}`);
  if (kind === 'cancel') {
    const named = RunId.safeParse(run);
    if (!named.success) throw new MalformedError(`"${run}" is not a run ID`);
    return { type: 'run.cancel', id: `cancel.${seq}`, run: named.data, tenant: tenant.data, at };
  }
  const base = { id: `goal.${seq}`, tenant: tenant.data, at };
  const read = readGoal(bytes);
  if (read.ok) {
    const goalRun = runIdOf({ tenant: tenant.data, id: read.goal.id, seq, at });
    return { ...base, type: 'goal.accepted', run: goalRun, goal: read.goal };
  }
  const excerpt = Buffer.from(bytes.subarray(0, EXCERPT_CHARS)).toString('utf8');
  const refused = runIdOf({ tenant: tenant.data, id: undefined, seq, at });
  return { ...base, type: 'goal.rejected', run: refused, reason: read.reason, excerpt };
}

function parseDue(bytes: Uint8Array): Timer[] {
  const due = DueEntries.safeParse(decode(bytes));
  if (!due.success) throw new MalformedError('the timer does not fit its schema');
  return due.data.timers;
}

/** The time is part of the ID: a log tells for which time a deadline was meant. */
const dueId = (seq: number, { at }: Timer): string => `due.${seq}.${at}`;
