import type { Input, Message, ModelRecord, Outgoing, RunRef, Token } from '@troupe/contract';
import type { ActorScope } from './ports.ts';
import type { RoleDecider } from './role.ts';

/** A step of which some outputs are in the log and some are not. */
export interface HalfStep<State> {
  readonly input: Input;
  /** The state before the step: what its outputs derive from. */
  readonly before: State;
  /** The outputs that are in the log, in order. */
  readonly written: Outgoing[];
  /** How many outputs the step has in all. */
  of: number;
  /** `at` of the first output: those that are completed later carry the same. */
  readonly at: number;
  /** Its first output was written ahead of an effect whose outcome is not in the log. */
  readonly isAhead: boolean;
  /** The version of the decider that made the step. */
  readonly decider: string;
  readonly model: ModelRecord | undefined;
}

/** An actor in memory: its state and its place in the log. Mutable, owned by the runtime, one per scope and process. */
export interface Actor<State> {
  readonly scope: ActorScope;
  state: State;
  /** Ordinal of its next message. */
  nextOrdinal: number;
  /** Stream sequence of its last message; 0 if it has none. */
  lastSeq: number;
  /** Whether its place in the log is known: it was read, or an append went through. One that is taken for new is not. */
  isVerified: boolean;
  /** Inputs whose steps are whole (A2), by ID. */
  readonly handled: Set<string>;
  /** Steps that are not whole yet, by the ID of their input. */
  readonly halves: Map<string, HalfStep<State>>;
  /** Settles when the actor is what the log says, as far as it was known to have a log. */
  loaded: Promise<void>;
  /** Serialises what happens to this actor in this process. */
  tail: Promise<void>;
  /** Questions that are open, by their ID; each settles when its step is over. */
  readonly asking: Map<string, Promise<void>>;
  /** Open questions and queued work; a busy actor is never evicted. */
  busy: number;
}

const LOADED = Promise.resolve();

export function newActor<State>(scope: ActorScope, initial: State): Actor<State> {
  return {
    scope,
    state: initial,
    nextOrdinal: 0,
    lastSeq: 0,
    isVerified: false,
    handled: new Set(),
    halves: new Map(),
    asking: new Map(),
    loaded: LOADED,
    tail: LOADED,
    busy: 0,
  };
}

export function actorKey({ tenant, run }: RunRef, task: Token | '*'): string {
  return `${tenant}/${run}/${task}`;
}

/** A message of the actor that is in the log, where it stands, and the input of its step. */
export interface Logged {
  message: Message;
  to: Token;
  ordinal: number;
  seq: number;
  /** Needed with the first message of a step. */
  input: Input | undefined;
}

/** Takes a message that is in the log into the actor: its state, its place, and the mark that its input left (A2). */
export function absorb<State, Q, A>(
  actor: Actor<State>,
  decider: Pick<RoleDecider<State, Q, A>, 'evolve'>,
  { message, to, ordinal, seq, input }: Logged,
): void {
  const before = actor.state;
  const known = actor.halves.get(message.cause);
  if (known === undefined && input !== undefined) {
    actor.state = decider.evolve(actor.state, { kind: 'input', input });
  }
  const output: Outgoing = { ...message, to };
  actor.state = decider.evolve(actor.state, { kind: 'output', output });
  actor.nextOrdinal = ordinal + 1;
  actor.lastSeq = seq;
  actor.isVerified = true;
  const [index, of] = message.part ?? [0, 1];
  if (index + 1 >= of) {
    actor.halves.delete(message.cause);
    actor.handled.add(message.cause);
  } else if (known !== undefined) {
    known.written.push(output);
    known.of = of;
  } else if (input !== undefined) {
    const { at, decider: version, model } = message;
    const isAhead = message.ahead === true;
    actor.halves.set(message.cause, { input, before, written: [output], of, at, isAhead, decider: version, model });
  }
}

/** Runs `work` after all earlier work of this actor: one thing at a time per actor. */
export function exclusively<State, T>(actor: Actor<State>, work: () => Promise<T>): Promise<T> {
  const result = actor.tail.then(work);
  actor.tail = result.then(
    () => undefined,
    () => undefined,
  );
  return result;
}

/**
 * Runs `work`, unless the same question is open for another input (a goal that was published again): then waits until
 * that is over. Whether the work was done.
 */
export async function unlessAsked<State>(
  { asking }: Actor<State>,
  question: string,
  work: () => Promise<void>,
): Promise<boolean> {
  const other = asking.get(question);
  if (other !== undefined) {
    await other;
    return false;
  }
  const done = work();
  asking.set(
    question,
    done.catch(() => undefined),
  );
  try {
    await done;
    return true;
  } finally {
    asking.delete(question);
  }
}
