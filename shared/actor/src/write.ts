import {
  encode,
  encodeJson,
  type Input,
  LOG,
  type Message,
  messageId,
  misfit,
  type ModelRecord,
  type Outgoing,
  USER,
  writesVersion,
} from '@troupe/contract';
import { absorb, type Actor } from './actor.ts';
import { TransientError } from './ports.ts';
import type { StepContext } from './step-context.ts';

/** What a step writes, and where it starts: a completed step resumes behind what is already in the log. */
export interface StepWrite {
  input: Input;
  outputs: readonly Outgoing[];
  /** Index of `outputs[0]` among all outputs of the step. */
  from: number;
  /** How many outputs the step has in all. */
  of: number;
  model?: ModelRecord | undefined;
  /** Written before the outcome of the step is known. */
  isAhead?: boolean;
}

/**
 * A1, A3: writes the outputs of a step, one after the other, each on the expectation that the one before is the
 * actor's last message; the actor's state follows the log message by message. Nothing is written once the process is
 * told to stop at once (A6).
 * @throws ConflictError if another process moved this actor on; what was written until then stays valid.
 * @throws TypeError if an output does not fit the contract: what no reader would accept is never written.
 */
export async function writeStep<State, Q, A>(
  context: StepContext<State, Q, A>,
  actor: Actor<State>,
  step: StepWrite,
): Promise<void> {
  const { decider, journal, clock, signal } = context;
  const at = actor.halves.get(step.input.id)?.at ?? clock.now();
  const messages = step.outputs.map((output, offset) => ({
    to: output.to,
    message: checked(stamp(context, actor, { output, step, index: step.from + offset, at, offset })),
  }));
  for (const { to, message: whole } of messages) {
    if (signal.aborted) throw new TransientError('this process is stopping');
    const { message, bytes } = fitted(whole, to);
    const { tenant, run, task } = message;
    const ordinal = actor.nextOrdinal;
    const address = { tenant, run, task, from: actor.scope.role, to, ordinal };
    const { scope, lastSeq: expectedSeq } = actor;
    const seq = await journal.append({ scope, address, bytes, expectedSeq }, signal);
    absorb(actor, decider, { message, to, ordinal, seq, input: step.input });
  }
}

/**
 * A message and its bytes. One that is too long with what a model's provider wants back is stored without that, which is all
 * or none: the conversation goes on without what was thought, and the work that was paid is not lost.
 */
function fitted(message: Message, to: string): { message: Message; bytes: Uint8Array } {
  const bytesOf = to === USER ? encodeJson : encode;
  const { model } = message;
  if (model?.answer.ok !== true || model.answer.echo === undefined) return { message, bytes: bytesOf(message) };
  try {
    return { message, bytes: bytesOf(message) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { echo: _, ...answer } = model.answer;
    const lighter = { ...message, model: { ...model, answer } };
    return { message: lighter, bytes: bytesOf(lighter) };
  }
}

interface Stamped {
  output: Outgoing;
  step: StepWrite;
  index: number;
  at: number;
  /** Place among the messages of this write. */
  offset: number;
}

function stamp<State, Q, A>(
  { version }: StepContext<State, Q, A>,
  actor: Actor<State>,
  { output, step, index, at, offset }: Stamped,
): Message {
  const { input } = step;
  const { to: _to, model: _model, ...content } = output;
  const part: [number, number] = [index, step.of];
  return {
    ...content,
    id: messageId(actor.scope.role, output.task, actor.nextOrdinal + offset),
    run: input.run,
    v: writesVersion(output.type),
    at,
    cause: input.id,
    tenant: actor.scope.tenant,
    decider: version,
    ...(step.of > 1 ? { part } : {}),
    ...(step.isAhead === true ? { ahead: true } : {}),
    ...(index === 0 && step.model !== undefined ? { model: step.model } : {}),
  };
}

function checked(message: Message): Message {
  const wrong = misfit(message);
  if (wrong !== undefined) throw new TypeError(wrong);
  return message;
}

/** A2: what a step with nothing to say to others writes. */
export function nothingToSay(input: Input, outputs: readonly Outgoing[]): readonly Outgoing[] {
  if (outputs.length > 0) return outputs;
  const budget = 'budget' in input ? input.budget : { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 };
  const task = 'task' in input ? input.task : 'run';
  return [{ type: 'noted', body: { what: `took in ${input.type}` }, to: LOG, task, budget, integrity: 'agent' }];
}
