import type { Input, ModelRecord, Outgoing } from '@troupe/contract';
import { type Actor, exclusively, unlessAsked } from './actor.ts';
import { backoffMs } from './backoff.ts';
import { complete } from './complete.ts';
import { ConflictError, TransientError } from './ports.ts';
import { catchUp, confirm } from './rebuild.ts';
import type { PerformContext } from './role.ts';
import type { StepContext } from './step-context.ts';
import { nothingToSay, writeStep } from './write.ts';

/** How often a step may lose the race for its actor before the delivery is tried again later. */
const RACES_MAX = 8;
/** What an effect came to is lost with its step, and would be unknown: the log is read again so often before that. */
const READS_FOR_EFFECT_MAX = 8;

/** What a question led to. `recorded`: a message was written ahead of it. */
interface Answered<A> {
  answer: A;
  model?: ModelRecord | undefined;
  recorded: boolean;
}

/**
 * Takes one input from "delivered" to "all of its outputs are in the log". Resolves when that is so, whoever wrote
 * them, or when the input is to be skipped. Throws TransientError or ConflictError when it should be tried again.
 */
export async function takeStep<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  input: Input,
): Promise<void> {
  const happened: { effect?: Answered<A> } = {};
  for (let race = 1; ;) {
    try {
      const known = happened.effect;
      if (known !== undefined) return await exclusively(actor, () => finish(context, actor, input, known));
      const open = await exclusively(actor, () => begin(context, actor, input));
      if (open === undefined) return;
      let recorded = false;
      const performing = performContext(context, actor, input, () => (recorded = true));
      const isOver = await unlessAsked(actor, performing.id, async () => {
        const performed = await context.performer.perform(open.question, performing);
        // A6: what an aborted question or effect came to is not known; whoever takes the input next finds out.
        if (context.signal.aborted) throw new TransientError('this process is stopping');
        const answered = { ...performed, recorded };
        // The effect has happened: its outcome stays true whoever moved the actor on meanwhile.
        if (recorded) happened.effect = answered;
        await exclusively(actor, () => finish(context, actor, input, answered));
      });
      if (isOver) return;
    } catch (error) {
      // A1: somebody else moved this actor on. Learn what they wrote, then decide again.
      if (!(error instanceof ConflictError) || race >= RACES_MAX) throw error;
      race += 1;
      context.onConflict(input.type);
      await learn(context, actor, error, happened.effect === undefined ? 1 : READS_FOR_EFFECT_MAX);
    }
  }
}

/** Reads what the refusal said that there is, however long it takes a server that lags behind, within bounds. */
async function learn<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  { lastSeq }: ConflictError,
  readsMax: number,
): Promise<void> {
  for (let reads = 1; ; reads += 1) {
    try {
      await exclusively(actor, () => catchUp(context, actor, lastSeq));
      return;
    } catch (error) {
      if (!(error instanceof TransientError) || reads >= readsMax || context.signal.aborted) throw error;
      await context.clock.wait(backoffMs(reads, 0));
    }
  }
}

/** Decides and writes, or returns the question whose answer is needed first. The actor is free while it is open. */
async function begin<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  input: Input,
): Promise<{ question: Q } | undefined> {
  const { decider } = context;
  if (actor.handled.has(input.id)) return undefined;
  const half = actor.halves.get(input.id);
  if (half !== undefined) return complete(context, actor, half);
  // What a crash or a lost race cut off comes first, so that nothing is decided on half a step. An effect that was
  // started may still be at work: its own delivery settles it.
  for (const other of actor.halves.values()) if (!other.isAhead) await complete(context, actor, other);
  const decision = decider.decide(actor.state, input);
  // A skip leaves no mark, so nothing would correct one that is decided on a log that lags behind. What is done stays so.
  if (decision.kind === 'skip') {
    if (decider.isDone(actor.state) || !(await confirm(context, actor))) return undefined;
    return begin(context, actor, input);
  }
  if (decision.kind === 'ask') {
    // An actor that is only taken for new may have answered long ago: a question costs more than a look into the log.
    if (actor.isVerified || !(await catchUp(context, actor))) return { question: decision.question };
    return begin(context, actor, input);
  }
  const outputs = nothingToSay(input, decision.outputs);
  await writeStep(context, actor, { input, outputs, from: 0, of: outputs.length });
  return undefined;
}

async function finish<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  input: Input,
  { answer, model, recorded }: Answered<A>,
): Promise<void> {
  if (actor.handled.has(input.id)) return;
  const half = actor.halves.get(input.id);
  // Another process has begun this very step while the question was open: go on with its answer, not with ours.
  if (half !== undefined && !recorded) return complete(context, actor, half);
  const from = half?.written.length ?? 0;
  // Behind a recorded output (the ledger's *started*) all of the answer's outputs follow; otherwise they are the step.
  const outputs = nothingToSay(input, context.decider.conclude(actor.state, input, answer));
  await writeStep(context, actor, { input, outputs, from, of: from + outputs.length, model });
}

function performContext<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  input: Input,
  onRecorded: () => void,
): PerformContext {
  const { decider, signal, role } = context;
  const task = 'task' in input ? input.task : 'run';
  return {
    // A goal that is published twice leads to the same question: it is the run that asks it.
    id: `${input.run}/${role.name}.${task}/${'storedAt' in input ? input.id : input.type}`,
    input,
    signal,
    record: async (output: Outgoing) => {
      await exclusively(actor, () => {
        // Somebody else took this input on while the question was open, and this process has read about it since.
        if (actor.handled.has(input.id) || actor.halves.has(input.id))
          throw new ConflictError(`${input.id} was taken on by another process`);
        // Another input of this actor may have come first: what it wrote may forbid this effect.
        if (decider.decide(actor.state, input).kind !== 'ask')
          throw new ConflictError(`${input.id} may not have its effect any more`);
        return writeStep(context, actor, { input, outputs: [output], from: 0, of: 2, isAhead: true });
      });
      onRecorded();
    },
  };
}
