/**
 * The decider pattern (J. Chassaing, "Functional Event Sourcing Decider"; see emmett's `decider.ts`), with one more
 * outcome: a decision may be a question to a model, whose answer comes back through `conclude`.
 *
 * All functions are pure: no clock, no randomness, no I/O, no mutation. `Q` and `A` are the question and answer
 * types, so that this package depends on nothing.
 */
export interface Decider<State, Input, Output, Q, A> {
  readonly initial: State;
  /** What an input leads to: outputs to write, or one question. */
  decide(state: State, input: Input): Decision<Output, Q>;
  /** What the answer to the question of `decide(state, input)` leads to. `state` may have moved on since it was asked. */
  conclude(state: State, input: Input, answer: A): Output[];
  /** The state after an input or an output of this actor is in the log. Inputs come first, then their outputs. */
  evolve(state: State, entry: Entry<Input, Output>): State;
  /** Whether nothing more can happen; such an actor may leave the cache. */
  isDone(state: State): boolean;
}

export type Decision<Output, Q> =
  | { kind: 'send'; outputs: Output[] }
  | { kind: 'ask'; question: Q }
  /** The input is nothing to this actor, now or ever: it leaves no mark in the log. */
  | { kind: 'skip' };

/** What the log holds, in the order in which an actor's state follows from it. */
export type Entry<Input, Output> = { kind: 'input'; input: Input } | { kind: 'output'; output: Output };

/** A step as the log has it: an input and what was written because of it. */
export interface Step<Input, Output> {
  input: Input;
  outputs: readonly Output[];
}

export const send = <Output>(...outputs: Output[]): { kind: 'send'; outputs: Output[] } => ({ kind: 'send', outputs });
/** For inputs from outside the log that come too late or twice. What is skipped once must be skipped always. */
export const skip = (): { kind: 'skip' } => ({ kind: 'skip' });

export const ask = <Q>(question: Q): { kind: 'ask'; question: Q } => ({ kind: 'ask', question });

/** The state that a history leads to. */
export function fold<State, Input, Output, Q, A>(
  decider: Pick<Decider<State, Input, Output, Q, A>, 'evolve' | 'initial'>,
  history: readonly Step<Input, Output>[],
): State {
  return history.reduce(
    (state, { input, outputs }) =>
      outputs.reduce(
        (next, output) => decider.evolve(next, { kind: 'output', output }),
        decider.evolve(state, { kind: 'input', input }),
      ),
    decider.initial,
  );
}
