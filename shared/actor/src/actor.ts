import type { Input, Message, ModelRecord, RunId, Token } from '@troupe/contract';
import type { ActorScope } from './ports.ts';

/** How far an input got: `written` of `of` outputs are in the log. */
export interface Mark {
  written: number;
  of: number;
  /** `at` of the step's first output: outputs that are completed later carry the same. */
  at: number;
  model?: ModelRecord;
}

/** An actor in memory: its state and its place in the log. Mutable, owned by the runtime, one per scope and process. */
export interface Actor<State> {
  readonly scope: ActorScope;
  state: State;
  /** Ordinal of its next message. */
  nextOrdinal: number;
  /** Stream sequence of its last message; 0 if it has none. */
  lastSeq: number;
  /** Which inputs left a mark (A2), by input ID. */
  readonly marks: Map<string, Mark>;
  /** Steps that are not whole yet, by input ID, with the state before them: what their missing outputs derive from. */
  readonly interrupted: Map<string, { input: Input; before: State }>;
  tenant?: Token;
  /** Settles when the actor is what the log says, as far as it was known to have a log. */
  loaded: Promise<void>;
  /** Serialises what happens to this actor in this process. */
  tail: Promise<void>;
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
    marks: new Map(),
    interrupted: new Map(),
    loaded: LOADED,
    tail: LOADED,
    busy: 0,
  };
}

export function actorKey(run: RunId, task: Token | '*'): string {
  return `${run}/${task}`;
}

/** Records that one more output of the step caused by `message.cause` is in the log. */
export function mark<State>(actor: Actor<State>, message: Message): Mark {
  const [index, of] = message.part ?? [0, 1];
  const known = actor.marks.get(message.cause);
  const next: Mark = { written: index + 1, of, at: known?.at ?? message.at };
  const model = message.model ?? known?.model;
  if (model !== undefined) next.model = model;
  actor.marks.set(message.cause, next);
  return next;
}

export const isComplete = (found: Mark): boolean => found.written >= found.of;

/** Runs `work` after all earlier work of this actor: one thing at a time per actor. */
export function exclusively<State, T>(actor: Actor<State>, work: () => Promise<T>): Promise<T> {
  const result = actor.tail.then(work);
  actor.tail = result.then(
    () => undefined,
    () => undefined,
  );
  return result;
}
