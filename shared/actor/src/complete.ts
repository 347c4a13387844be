import { isDeepStrictEqual } from 'node:util';
import type { Outgoing, Signal } from '@troupe/contract';
import type { Actor, HalfStep } from './actor.ts';
import { NewerError } from './ports.ts';
import type { StepContext } from './step-context.ts';
import { writeStep } from './write.ts';

/**
 * A3: writes what is missing of a step that was cut off by a crash. What its outputs are follows from the state before
 * it and from the answer in the log. An effect whose outcome is not in the log is told to the decider as
 * `effect.interrupted`: it says what an outcome that nobody knows means.
 */
export async function complete<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  half: HalfStep<State>,
): Promise<undefined> {
  const { input, written } = half;
  const rest = half.isAhead ? afterInterruption(context, actor, half) : missing(context, half);
  if (half.decider !== context.version) context.onForeignStep(input, half.decider);
  await writeStep(context, actor, {
    input,
    outputs: rest,
    from: written.length,
    of: written.length + rest.length,
  });
  return undefined;
}

function afterInterruption<State, Q, A>(
  { decider, role }: StepContext<State, Q, A>,
  { state }: Actor<State>,
  { input }: HalfStep<State>,
): readonly Outgoing[] {
  if (!('storedAt' in input)) throw new TypeError(`${role.name} recorded an effect for the signal ${input.id}`);
  const { id, run, tenant, storedAt: at } = input;
  const interrupted: Signal = { type: 'effect.interrupted', id, run, tenant, at, of: input };
  const decision = decider.decide(state, interrupted);
  if (decision.kind !== 'send' || decision.outputs.length === 0)
    throw new TypeError(`${role.name} has to say what an interrupted effect means`);
  return decision.outputs;
}

/** The outputs behind those that are in the log, which have to be what this decider makes of the step, too. */
function missing<State, Q, A>(
  context: StepContext<State, Q, A>,
  { input, before, written, of, model, decider: version }: HalfStep<State>,
): readonly Outgoing[] {
  const outputs = derived(context, input, before, model);
  const isSame = outputs?.length === of && written.every((output, index) => isAlike(output, outputs[index]));
  if (outputs !== undefined && isSame) return outputs.slice(written.length);
  const what = `the step of ${input.id} in run ${input.run}, of which ${written.length} of ${of} outputs are written`;
  if (version === context.version)
    throw new TypeError(`the decider is not pure: it would now decide otherwise on ${what}`);
  throw new NewerError(
    `${what}, was decided by the version ${version}; this one (${context.version}) would decide otherwise`,
  );
}

function derived<State, Q, A>(
  { decider, performer }: StepContext<State, Q, A>,
  input: HalfStep<State>['input'],
  before: State,
  model: HalfStep<State>['model'],
): readonly Outgoing[] | undefined {
  const answer = model && performer.recall(model);
  if (answer !== undefined) return decider.conclude(before, input, answer);
  const again = decider.decide(before, input);
  return again.kind === 'send' ? again.outputs : undefined;
}

/** What a decider said, without the envelope: as the log has it, where what is undefined is not there. */
const isAlike = (logged: Outgoing, decided: Outgoing | undefined): boolean =>
  decided !== undefined && isDeepStrictEqual(plain(logged), plain(decided));

function plain({ type, body, to, task, budget, integrity }: Outgoing): unknown {
  return JSON.parse(JSON.stringify({ type, body, to, task, budget, integrity }));
}
