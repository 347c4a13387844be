import { fold, type Decider, type Decision, type Step } from './decider.ts';
import { deepFreeze } from './freeze.ts';

/** The outcome of a specification, with the assertions that need no test framework. */
export interface Outcome<Output, Q> {
  decision: Decision<Output, Q>;
  /** The outputs; throws if a question was asked instead. */
  outputs(): Output[];
  /** The question; throws if outputs were decided. */
  question(): Q;
  /** Passes if nothing is written and nothing asked. Throws otherwise. */
  thenNothing(): void;
  /** Passes if the input is skipped: it leaves no mark. Throws otherwise. */
  thenSkipped(): void;
}

/**
 * A specification of a decider: `given(decider, history).when(input)`, and `.answered(input, answer)` for what an
 * answer leads to. State and inputs are deeply frozen and every call is made twice: a decider that mutates throws,
 * one whose answers differ from call to call fails.
 */
export function given<State, Input, Output, Q, A>(
  decider: Decider<State, Input, Output, Q, A>,
  history: readonly Step<Input, Output>[] = [],
) {
  const frozen: Decider<State, Input, Output, Q, A> = {
    ...decider,
    evolve: (state, entry) => deepFreeze(decider.evolve(state, deepFreeze(entry))),
    initial: deepFreeze(decider.initial),
  };
  const state = fold(frozen, deepFreeze(history));
  const twice = <T>(call: () => T): T => {
    const first = call();
    if (JSON.stringify(first) !== JSON.stringify(call()))
      throw new Error('not pure: two equal calls gave different results');
    return deepFreeze(first);
  };
  return {
    state,
    when: (input: Input): Outcome<Output, Q> => outcome(twice(() => frozen.decide(state, deepFreeze(input)))),
    answered: (input: Input, answer: A): Outcome<Output, Q> =>
      outcome({ kind: 'send', outputs: twice(() => frozen.conclude(state, deepFreeze(input), deepFreeze(answer))) }),
  };
}

function outcome<Output, Q>(decision: Decision<Output, Q>): Outcome<Output, Q> {
  return {
    decision,
    outputs() {
      if (decision.kind === 'ask')
        throw new Error(`expected outputs, got a question: ${JSON.stringify(decision.question)}`);
      if (decision.kind === 'skip') throw new Error('expected outputs, the input was skipped');
      return decision.outputs;
    },
    question() {
      if (decision.kind !== 'ask') throw new Error(`expected a question, got ${JSON.stringify(decision)}`);
      return decision.question;
    },
    thenNothing() {
      if (decision.kind !== 'send' || decision.outputs.length > 0)
        throw new Error(`expected nothing: ${JSON.stringify(decision)}`);
    },
    thenSkipped() {
      if (decision.kind !== 'skip') throw new Error(`expected to be skipped: ${JSON.stringify(decision)}`);
    },
  };
}
