import {
  decode,
  LATE_ANSWER_MS_MAX,
  Message,
  type MessageOf,
  type MessageType,
  parseRunSubject,
  type RunAddress,
  type RunId,
  type Token,
} from '@troupe/contract';
import { isPerRun, type RoleFacts } from './role-facts.ts';
import type { Stored } from './stored.ts';

/** A message that can be read, and where it was. */
export interface Placed<M extends Message = Message> {
  subject: string;
  seq: number;
  address: RunAddress;
  /** Who wrote it: a role, with its task if it has an actor for each. */
  actor: string;
  message: M;
}

/** What one actor wrote because of one input. */
export interface Step {
  actor: string;
  from: Token;
  cause: string;
  outputs: Placed[];
}

/** A stored message that cannot be read, and why. */
export interface Unreadable {
  subject: string;
  seq: number;
  reason: string;
}

/** The log of one run, read once for all rules. */
export interface RunLog {
  run: RunId;
  /** Every address in the order of the log, also of what cannot be read. */
  addresses: { subject: string; actor: string; address: RunAddress }[];
  messages: Placed[];
  unreadable: Unreadable[];
  steps: Step[];
  roles: ReadonlyMap<Token, RoleFacts>;
  /** Whether what had to follow from this message must have come by now. */
  isDue(message: Message): boolean;
}

/**
 * Reads the log of one run. `now` (Unix ms): what is younger than its deadline may still be at work; without it
 * everything has to be settled.
 */
export function readRunLog(
  run: RunId,
  stored: readonly Stored[],
  roles: ReadonlyMap<Token, RoleFacts>,
  now = Number.POSITIVE_INFINITY,
): RunLog {
  const isDue = ({ budget }: Message) => now > budget.deadlineAt + LATE_ANSWER_MS_MAX;
  const log: RunLog = { run, addresses: [], messages: [], unreadable: [], steps: [], roles, isDue };
  for (const { subject, seq, bytes } of stored.toSorted((a, b) => a.seq - b.seq)) {
    const address = parseRunSubject(subject);
    if (address === undefined) {
      log.unreadable.push({ subject, seq, reason: 'the subject is not of a run message' });
      continue;
    }
    const actor = isPerRun(address.from, roles) ? address.from : `${address.from}/${address.task}`;
    log.addresses.push({ subject, actor, address });
    const read = readMessage(bytes);
    if (typeof read === 'string') log.unreadable.push({ subject, seq, reason: read });
    else log.messages.push({ subject, seq, address, actor, message: read });
  }
  log.steps = [...Map.groupBy(log.messages, ({ actor, message }) => `${actor} ${message.cause}`).values()].flatMap(
    (outputs) => {
      const [first] = outputs;
      return first === undefined
        ? []
        : [{ actor: first.actor, from: first.address.from, cause: first.message.cause, outputs }];
    },
  );
  return log;
}

/** All messages of one type. */
export function ofType<Type extends MessageType>(log: RunLog, type: Type): Placed<MessageOf<Type>>[] {
  return log.messages.filter((placed): placed is Placed<MessageOf<Type>> => placed.message.type === type);
}

function readMessage(bytes: Uint8Array): Message | string {
  try {
    const parsed = Message.safeParse(decode(bytes));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    return `it does not fit its schema: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
