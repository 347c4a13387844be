import { type Input, LOG, MalformedError, type Message, parseMessageId, type Signal } from '@troupe/contract';
import { absorb, type Actor } from './actor.ts';
import { HistoryError, NewerError, type Stored, TransientError } from './ports.ts';
import { parseMessage, parseOwn } from './receive.ts';
import type { StepContext } from './step-context.ts';

/** Inputs that are read again at once. A flood in the log must not make each of them wait for too long. */
export const CAUSES_IN_FLIGHT = 64;

/**
 * A7: brings an actor up to date with the log by folding the messages that it does not know yet. A fresh actor
 * becomes the whole of its history; a warm one that lost a race only reads what is new. Returns whether there was
 * anything new. A read may be behind what is stored: it goes up to `seqMin` at least. Throws HistoryError when the log holds
 * what cannot be read: nobody's delivery is at fault then.
 */
export async function catchUp<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  seqMin = 0,
): Promise<boolean> {
  const sent = await context.journal.sent(actor.scope, actor.nextOrdinal, seqMin);
  const messages = sent.map((stored) => ({ stored, message: ofHistory(stored, () => parseOwn(stored)) }));
  const isKnown = ({ cause }: Message) => actor.handled.has(cause) || actor.halves.has(cause);
  const inputs: (Input | undefined)[] = [];
  for (let start = 0; start < messages.length; start += CAUSES_IN_FLIGHT) {
    const batch = messages.slice(start, start + CAUSES_IN_FLIGHT);
    const read = async ({ message }: { message: Message }) =>
      isKnown(message) ? undefined : await causeOf(context, message);
    inputs.push(...(await Promise.all(batch.map(read))));
  }
  messages.forEach(({ stored, message }, index) => {
    const { to, ordinal } = stored.address;
    absorb(actor, context.decider, { message, to, ordinal, seq: stored.seq, input: inputs[index] });
  });
  actor.isVerified = true;
  return messages.length > 0;
}

/**
 * The same by the word of who decides appends: for what is decided without one, which no refusal would correct. Costs
 * a request, and a read if there is anything new.
 */
export async function confirm<State, Q, A>(context: StepContext<State, Q, A>, actor: Actor<State>): Promise<boolean> {
  const lastSeq = await context.journal.lastSeq(actor.scope, LOG);
  return lastSeq > actor.lastSeq && (await catchUp(context, actor, lastSeq));
}

type Reading = Pick<StepContext<unknown, unknown, unknown>, 'role' | 'journal' | 'layout'>;

/** What is malformed in an actor's past says nothing about the delivery at hand. */
function ofHistory<T>({ address, seq }: Stored, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const { from, task, ordinal, run } = address;
    throw new HistoryError(
      `the history of ${from}.${task} in run ${run} cannot be read at ordinal ${ordinal} (sequence ${seq}): ${error.message}`,
    );
  }
}

async function causeOf(context: Reading, message: Message): Promise<Input> {
  const cause = await readCause(context, message);
  // Retention or a lagging replica: nothing may be decided on a history that is not whole.
  if (cause === undefined) throw new TransientError(`${message.cause}, which ${message.id} answers, cannot be read`);
  return cause;
}

/** The input that a message answers, read again by its ID. */
async function readCause({ role, journal, layout }: Reading, message: Message): Promise<Input | undefined> {
  const id = parseMessageId(message.cause);
  if (id !== undefined) {
    const stored = await journal.received(message, message.cause, role.name);
    return (
      stored &&
      ofHistory(stored, () => parseMessage(role, layout, { ...stored, subject: layout.message(stored.address) }))
    );
  }
  return signalOf(message);
}

/** Signals without content are rebuilt from the ID that names them. */
function signalOf(message: Message): Signal {
  const { cause: id, run, tenant, at } = message;
  if (id.startsWith('due.')) return { type: 'deadline', id, run, tenant, at: Number(id.split('.')[2] ?? at) };
  throw new NewerError(`${message.id} answers ${id}, which this version does not know`);
}
