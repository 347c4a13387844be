import {
  decode,
  idOfAddress,
  type Input,
  MalformedError,
  Message,
  parseRunSubject,
  readGoal,
  type Signal,
  Token,
  RunId,
  SCHEMA_VERSION,
} from '@troupe/contract';
import { z } from 'zod';
import { type Delivery, type Stored, TransientError } from './ports.ts';
import { type RoleDeclaration, WORKERS } from './role.ts';
import { runIdOf } from './run-id.ts';

const DueEntries = z.object({ timers: z.array(z.object({ run: RunId, tenant: Token, at: z.int() })).max(4_096) });

/**
 * Parses a delivery into the inputs it holds: one, or several for a due timer batch. This is the only boundary
 * where bytes become types. Throws {@link MalformedError} with what is wrong.
 */
export function receive(role: RoleDeclaration, delivery: Delivery): Input[] {
  switch (delivery.source) {
    case 'runs':
      return [parseMessage(role, delivery.subject, delivery.bytes)];
    case 'goals':
      return [parseGoalStream(delivery.subject, delivery.bytes, delivery.seq, delivery.at)];
    case 'due':
      return parseDue(delivery);
  }
}

/** A message of a run, checked against its subject and against what the role declares that it consumes. */
export function parseMessage(role: RoleDeclaration, subject: string, bytes: Uint8Array): Message {
  const address = parseRunSubject(subject);
  if (address === undefined) throw new MalformedError(`the subject ${subject} is not of a run message`);
  const message = parseEnvelope(bytes);
  if (message.run !== address.run || message.task !== address.task || message.id !== idOfAddress(address)) {
    throw new MalformedError(`the message says it is ${message.run}/${message.id}, its subject says ${subject}`);
  }
  const senders = role.consumes[message.type];
  if (senders === undefined) throw new MalformedError(`${role.name} does not consume ${message.type}`);
  // Which roles are workers is the broker's to know: its permissions decide who may write to this mailbox.
  if (!senders.includes(WORKERS) && !senders.includes(address.from)) {
    throw new MalformedError(`${role.name} does not take ${message.type} from ${address.from}`);
  }
  return message;
}

/** One of the role's own stored messages. */
export function parseOwn(stored: Stored): Message {
  return parseEnvelope(stored.bytes);
}

function parseEnvelope(bytes: Uint8Array): Message {
  const value = decode(bytes);
  if (isNewer(value)) throw new TransientError('the message was written by a newer version; update this process');
  const parsed = Message.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new MalformedError(
    `the message does not fit its schema: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  );
}

/** During a rolling update a message waits for a process that knows its version. */
function isNewer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'v' in value && Number(value.v) > SCHEMA_VERSION;
}

const EXCERPT_CHARS = 200;

/** A signal from the `GOALS` stream: a goal (accepted or rejected) or a cancel request. */
export function parseGoalStream(subject: string, bytes: Uint8Array, seq: number, at: number): Signal {
  const [, kind, token = ''] = subject.split('.');
  if (kind === 'cancel') {
    const run = RunId.safeParse(token);
    if (!run.success) throw new MalformedError(`"${token}" is not a run ID`);
    return { type: 'run.cancel', id: `cancel.${seq}`, run: run.data, tenant: 'default', at };
  }
  const tenant = Token.safeParse(token);
  if (!tenant.success)
    throw new MalformedError(`the tenant "${token}" ${tenant.error.issues[0]?.message ?? 'is not valid'}`);
  const base = { id: `goal.${seq}`, tenant: tenant.data, at };
  const read = readGoal(bytes);
  if (read.ok) {
    const run = runIdOf({ tenant: tenant.data, id: read.goal.id, seq, at });
    return { ...base, type: 'goal.accepted', run, goal: read.goal };
  }
  const excerpt = Buffer.from(bytes.subarray(0, EXCERPT_CHARS)).toString('utf8');
  const run = runIdOf({ tenant: tenant.data, id: undefined, seq, at });
  return { ...base, type: 'goal.rejected', run, reason: read.reason, excerpt };
}

function parseDue(delivery: Delivery): Signal[] {
  const due = DueEntries.safeParse(decode(delivery.bytes));
  if (!due.success) throw new MalformedError('the timer does not fit its schema');
  return due.data.timers.map(({ run, tenant, at }) => ({
    type: 'deadline',
    id: `due.${delivery.seq}`,
    run,
    tenant,
    at,
  }));
}
