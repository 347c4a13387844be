import { type Input, type Message, parseMessageId, type Signal } from '@troupe/contract';
import { type Actor, isComplete, mark } from './actor.ts';
import { type Journal, type Stored, TransientError } from './ports.ts';
import { parseGoalStream, parseMessage, parseOwn } from './receive.ts';
import type { RoleDeclaration, RoleDecider } from './role.ts';

/**
 * A7: brings an actor up to date with the log by folding the messages that it does not know yet. A fresh actor
 * becomes the whole of its history; a warm one that lost a race only reads what is new.
 */
export async function catchUp<State, Q, A>(
  actor: Actor<State>,
  role: RoleDeclaration,
  decider: RoleDecider<State, Q, A>,
  journal: Journal,
): Promise<void> {
  const sent = await journal.sent(actor.scope, actor.nextOrdinal);
  const messages = sent.map((stored) => ({ stored, message: parseOwn(stored) }));
  const causes = await Promise.all(
    messages.map(async ({ message }) =>
      actor.marks.has(message.cause) ? undefined : await causeOf(role, journal, message),
    ),
  );
  messages.forEach(({ stored, message }, index) => replay(actor, decider, stored, message, causes[index]));
}

function replay<State, Q, A>(
  actor: Actor<State>,
  decider: RoleDecider<State, Q, A>,
  stored: Stored,
  message: Message,
  cause: Input | undefined,
): void {
  const before = actor.state;
  const first = !actor.marks.has(message.cause);
  if (first && cause !== undefined) {
    actor.tenant ??= cause.tenant;
    actor.state = decider.evolve(actor.state, { kind: 'input', input: cause });
  }
  actor.state = decider.evolve(actor.state, { kind: 'output', output: { ...message, to: stored.address.to } });
  const found = mark(actor, message);
  if (isComplete(found)) actor.interrupted.delete(message.cause);
  else if (first && cause !== undefined) actor.interrupted.set(message.cause, { input: cause, before });
  actor.nextOrdinal = stored.address.ordinal + 1;
  actor.lastSeq = stored.seq;
}

async function causeOf(role: RoleDeclaration, journal: Journal, message: Message): Promise<Input> {
  const cause = await readCause(role, journal, message);
  // Retention or a lagging replica: nothing may be decided on a history that is not whole.
  if (cause === undefined) throw new TransientError(`${message.cause}, which ${message.id} answers, cannot be read`);
  return cause;
}

/** The input that a message answers, read again by its ID. */
async function readCause(role: RoleDeclaration, journal: Journal, message: Message): Promise<Input | undefined> {
  const id = parseMessageId(message.cause);
  if (id !== undefined) {
    const stored = await journal.received(message.run, message.cause, role.name);
    return stored && parseMessage(role, subjectOf(stored), stored.bytes);
  }
  const [kind, seqText] = message.cause.split('.');
  const seq = Number(seqText);
  if (kind === 'goal') {
    const stored = await journal.goal(seq);
    return stored && parseGoalStream(stored.subject, stored.bytes, seq, stored.at);
  }
  return signalOf(kind, message);
}

/** Signals without content are rebuilt from the ID that names them. */
function signalOf(kind: string | undefined, message: Message): Signal | undefined {
  const { cause: id, run, tenant, at } = message;
  if (kind === 'cancel') return { type: 'run.cancel', id, run, tenant, at };
  if (kind === 'due') return { type: 'deadline', id, run, tenant, at };
  return undefined;
}

function subjectOf({ address: a }: Stored): string {
  return ['troupe', 'runs', a.run, a.task, a.from, a.to, a.ordinal].join('.');
}
