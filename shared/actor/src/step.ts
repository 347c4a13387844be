import type { Input, MessageType, ModelRecord, Outgoing } from '@troupe/contract';
import { type Actor, exclusively, isComplete, type Mark } from './actor.ts';
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
  let effect: { answer: A; model?: ModelRecord | undefined } | undefined;
  for (let race = 1; ; race += 1) {
    try {
      const known = effect;
      if (known !== undefined)
        return await exclusively(actor, () => finish(context, actor, input, { ...known, recorded: true }));
      const open = await exclusively(actor, () => begin(context, actor, input));
      if (open === undefined) return;
      let recorded = false;
      const performing = performContext(context, actor, input, () => (recorded = true));
      const answered = await context.performer.perform(open.question, performing);
      // The effect has happened: its outcome stays true whoever moved the actor on meanwhile.
      if (recorded) effect = answered;
      return await exclusively(actor, () => finish(context, actor, input, { ...answered, recorded }));
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
  if (found !== undefined) return complete(context, actor, input, found);
  // What a crash or a lost race cut off comes first, so that nothing is decided on half a step.
  for (const [cause, step] of actor.interrupted) {
    const half = actor.marks.get(cause);
    if (half !== undefined && !isOpenEffect(context, step, half)) await complete(context, actor, step.input, half);
  }
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
  { answer, model, recorded }: { answer: A; model?: ModelRecord | undefined; recorded: boolean },
): Promise<void> {
  const { decider, journal, clock } = context;
  const written = actor.marks.get(input.id);
  if (written !== undefined && isComplete(written)) return;
  // Another process has begun this very step while the question was open: go on with its answer, not with ours.
  if (written !== undefined && !recorded) return complete(context, actor, input, written);
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
  { written, model }: Mark,
): Promise<undefined> {
  const { decider, journal, clock, performer } = context;
  const before = actor.interrupted.get(input.id)?.before ?? actor.state;
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

/** An effect that was started and has no result yet: whoever runs it may still be at work. */
function isOpenEffect<State, Q, A>(
  { decider, performer }: StepContext<State, Q, A>,
  { input, before }: { input: Input; before: State },
  { model }: Mark,
): boolean {
  const isKnown = model !== undefined && performer.recall(model) !== undefined;
  return !isKnown && decider.decide(before, input).kind === 'ask';
}

function performContext<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  input: Input,
  onRecorded: () => void,
) {
  const { decider, journal, clock, signal } = context;
  const task = 'task' in input ? input.task : 'run';
  return {
    id: `${input.run}/${context.role.name}.${task}/${input.id}`,
    input,
    signal,
    record: async (output: Outgoing) => {
      await exclusively(actor, () => {
        // Somebody else took this input on while the question was open, and this process has read about it since.
        if (actor.marks.has(input.id)) throw new ConflictError(`${input.id} was taken on by another process`);
        // Another input of this actor may have come first: what it wrote may forbid this effect.
        if (decider.decide(actor.state, input).kind !== 'ask')
          throw new ConflictError(`${input.id} may not have its effect any more`);
        return writeStep(actor, decider, journal, clock, { input, outputs: [output], from: 0, of: 2 });
      });
      onRecorded();
    },
  };
}
