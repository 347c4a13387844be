import {
  encode,
  encodeJson,
  type Input,
  LOG,
  type Message,
  messageId,
  type ModelRecord,
  type Outgoing,
  SCHEMA_VERSION,
  USER,
} from '@troupe/contract';
import { type Actor, isComplete, mark } from './actor.ts';
import type { Clock, Journal } from './ports.ts';
import type { RoleDecider } from './role.ts';

/** What a step writes, and where it starts: a completed step resumes behind what is already in the log. */
export interface StepWrite {
  input: Input;
  outputs: readonly Outgoing[];
  /** Index of `outputs[0]` among all outputs of the step. */
  from: number;
  /** How many outputs the step has in all. */
  of: number;
  model?: ModelRecord | undefined;
}

/**
 * A1, A3: writes the outputs of a step, one after the other, each on the expectation that the one before is the
 * actor's last message; the actor's state follows the log message by message.
 * @throws ConflictError if another process moved this actor on; what was written until then stays valid.
 */
export async function writeStep<State, Q, A>(
  actor: Actor<State>,
  decider: RoleDecider<State, Q, A>,
  journal: Journal,
  clock: Clock,
  step: StepWrite,
): Promise<void> {
  const at = actor.marks.get(step.input.id)?.at ?? clock.now();
  for (const [offset, output] of step.outputs.entries()) {
    const index = step.from + offset;
    const message = stamp(actor, output, step, index, at);
    const address = {
      run: message.run,
      task: output.task,
      from: actor.scope.role,
      to: output.to,
      ordinal: actor.nextOrdinal,
    };
    const bytes = output.to === USER ? encodeJson(message) : encode(message);
    actor.lastSeq = await journal.append(actor.scope, address, bytes, actor.lastSeq);
    actor.nextOrdinal += 1;
    const before = actor.state;
    if (index === 0) actor.state = decider.evolve(actor.state, { kind: 'input', input: step.input });
    actor.state = decider.evolve(actor.state, { kind: 'output', output: { ...output, model: message.model } });
    if (isComplete(mark(actor, message))) actor.interrupted.delete(step.input.id);
    else if (index === 0) actor.interrupted.set(step.input.id, { input: step.input, before });
  }
}

function stamp<State>(actor: Actor<State>, output: Outgoing, step: StepWrite, index: number, at: number): Message {
  const { input } = step;
  actor.tenant ??= input.tenant;
  const { to: _to, model: _model, ...content } = output;
  const part: [number, number] = [index, step.of];
  return {
    ...content,
    id: messageId(actor.scope.role, output.task, actor.nextOrdinal),
    run: input.run,
    v: SCHEMA_VERSION,
    at,
    cause: input.id,
    tenant: actor.tenant,
    ...(step.of > 1 ? { part } : {}),
    ...(index === 0 && step.model !== undefined ? { model: step.model } : {}),
  };
}

/** A2: what a step with nothing to say to others writes. */
export function nothingToSay(input: Input, outputs: readonly Outgoing[]): readonly Outgoing[] {
  if (outputs.length > 0) return outputs;
  const budget = 'budget' in input ? input.budget : { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 };
  const task = 'task' in input ? input.task : 'run';
  return [{ type: 'noted', body: { what: `took in ${input.type}` }, to: LOG, task, budget, integrity: 'agent' }];
}
