import type { Input, MessageType, ModelRecord, Outgoing } from '@troupe/contract';
import { type Actor, exclusively, isComplete } from './actor.ts';
import { ConflictError, type Clock, type Journal } from './ports.ts';
import { catchUp } from './rebuild.ts';
import type { Performer, RoleDecider, RoleDeclaration } from './role.ts';
import { nothingToSay, writeStep } from './write.ts';

/** How often a step may lose the race for its actor before the delivery is tried again later. */
const RACES_MAX = 8;

/** What a step needs of its process. */
export interface StepContext<State, Q, A> {
  role: RoleDeclaration;
  decider: RoleDecider<State, Q, A>;
  performer: Performer<Q, A>;
  journal: Journal;
  clock: Clock;
  signal: AbortSignal;
  onConflict(type: MessageType | Input['type']): void;
}

/**
 * Takes one input from "delivered" to "all of its outputs are in the log". Returns normally when that is so, whoever
 * wrote them. Throws TransientError or ConflictError when the delivery should be tried again.
 */
export async function takeStep<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  input: Input,
): Promise<void> {
  for (let race = 1; ; race += 1) {
    try {
      const open = await exclusively(actor, () => begin(context, actor, input));
      if (open === undefined) return;
      const { answer, model } = await context.performer.perform(open.question, performContext(context, actor, input));
      return await exclusively(actor, () => finish(context, actor, input, answer, model));
    } catch (error) {
      // A1: somebody else moved this actor on. Learn what they wrote, then decide again.
      if (!(error instanceof ConflictError) || race >= RACES_MAX) throw error;
      context.onConflict(input.type);
      await exclusively(actor, () => catchUp(actor, context.role, context.decider, context.journal));
    }
  }
}

/** Decides and writes, or returns the question whose answer is needed first. The actor is free while it is open. */
async function begin<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  input: Input,
): Promise<{ question: Q } | undefined> {
  const { decider, journal, clock } = context;
  const found = actor.marks.get(input.id);
  if (found !== undefined && isComplete(found)) return undefined;
  if (found !== undefined) return complete(context, actor, input, found.written, found.model);
  const decision = decider.decide(actor.state, input);
  if (decision.kind === 'ask') return { question: decision.question };
  const outputs = nothingToSay(input, decision.outputs);
  await writeStep(actor, decider, journal, clock, { input, outputs, from: 0, of: outputs.length });
  return undefined;
}

async function finish<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  input: Input,
  answer: A,
  model: ModelRecord | undefined,
): Promise<void> {
  const { decider, journal, clock } = context;
  const written = actor.marks.get(input.id);
  if (written !== undefined && isComplete(written)) return;
  const from = written?.written ?? 0;
  // Behind a recorded output (the ledger's *started*) all of the answer's outputs follow; otherwise they are the step.
  const outputs = nothingToSay(input, decider.conclude(actor.state, input, answer));
  await writeStep(actor, decider, journal, clock, { input, outputs, from, of: from + outputs.length, model });
}

/**
 * A3: a step that was cut off by a crash. What its outputs are follows from the state before it and from the
 * answer in the log; if the log holds neither, the decider is asked again and sees what was recorded.
 */
async function complete<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  input: Input,
  written: number,
  model: ModelRecord | undefined,
): Promise<undefined> {
  const { decider, journal, clock, performer } = context;
  const before = actor.beforeIncomplete?.cause === input.id ? actor.beforeIncomplete.state : actor.state;
  const answer = model && performer.recall(model);
  const again = decider.decide(before, input);
  let outputs: readonly Outgoing[];
  if (answer !== undefined) outputs = decider.conclude(before, input, answer).slice(written);
  else if (again.kind === 'send') outputs = again.outputs.slice(written);
  else {
    const unknown = decider.decide(actor.state, input);
    if (unknown.kind === 'ask')
      throw new Error(`${context.role.name} would repeat an effect that it has recorded as started`);
    outputs = unknown.outputs;
  }
  await writeStep(actor, decider, journal, clock, { input, outputs, from: written, of: written + outputs.length });
  return undefined;
}

function performContext<State, Q, A>(context: StepContext<State, Q, A>, actor: Actor<State>, input: Input) {
  const { decider, journal, clock, signal } = context;
  const task = 'task' in input ? input.task : 'run';
  return {
    id: `${input.run}/${context.role.name}.${task}/${input.id}`,
    input,
    signal,
    record: (output: Outgoing) =>
      exclusively(actor, () => writeStep(actor, decider, journal, clock, { input, outputs: [output], from: 0, of: 2 })),
  };
}
