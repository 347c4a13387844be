import { type Input, parseMessageId, type RunRef, type Token } from '@troupe/contract';
import { ActorCache } from './actor-cache.ts';
import { type Actor, actorKey, exclusively, newActor } from './actor.ts';
import type { Delivery } from './ports.ts';
import { catchUp, confirm } from './rebuild.ts';
import type { RuntimeOptions } from './options.ts';
import { type RoleDeclaration, WORKERS } from './role.ts';
import type { StepContext } from './step-context.ts';
import { takeStep } from './step.ts';

/** The actors of one process: finds the actor of an input, or makes it from the log, and lets it take the input. */
export class Actors<State, Q, A> {
  readonly #options: RuntimeOptions<State, Q, A>;
  readonly #cache: ActorCache<State>;
  readonly #context: StepContext<State, Q, A>;

  constructor(options: RuntimeOptions<State, Q, A>, signal: AbortSignal) {
    const { role, decider, version, performer, telemetry, ports } = options;
    this.#options = options;
    this.#cache = new ActorCache(options.actorsMax);
    this.#context = {
      role,
      decider,
      version,
      performer,
      layout: options.layout,
      journal: ports.journal,
      clock: ports.clock,
      signal,
      onConflict: (type) => telemetry.conflict(type),
      onForeignStep: (input, other) => telemetry.foreignStep(input, other),
    };
  }

  get size(): number {
    return this.#cache.size;
  }

  /** Takes an input of a delivery to its end (A3). Rejects when it should be tried again. */
  async take(input: Input, { deliveries, isFresh }: Pick<Delivery, 'deliveries' | 'isFresh'>): Promise<void> {
    const { role, decider } = this.#options;
    const task: Token | '*' = role.scope === 'run' || !('task' in input) ? '*' : input.task;
    const key = actorKey(input, task);
    const isLate = isSignal(input) && this.#cache.get(key) === undefined;
    // A2: a signal of a run that has ended (a timer) costs one look into the log and leaves no mark.
    const isOld = deliveries > 1 || input.type === 'cancel.requested' || input.type === 'deadline';
    if (isLate && (this.#cache.wasRetired(key) || (isOld && (await this.#hasEnded(key, input))))) return;
    const actor =
      this.#cache.get(key) ?? this.#enter(key, input, task, { isOld, isNew: isFresh && isBeginning(role, input) });
    actor.busy += 1;
    try {
      await actor.loaded;
      if (isBehind(actor, input)) await this.#overtake(actor, input);
      // Side by side: a timer is gathered with others for a moment, and only the ack has to wait for it.
      const armed = this.#arm(actor, input);
      await takeStep(this.#context, actor, input);
      // One that was read again for what came late stays: the next late one would read a log that grows with each.
      if (decider.isDone(actor.state) && !this.#cache.wasRetired(key)) this.#cache.retire(key);
      await armed;
    } catch (error) {
      // What is in memory may not be what is in the log: start from the log next time.
      this.#cache.drop(key);
      throw error;
    } finally {
      actor.busy -= 1;
    }
  }

  /** The answer may have overtaken the ack of what it answers: that is known once the step at hand is over. */
  async #overtake(actor: Actor<State>, input: Input): Promise<void> {
    await exclusively(actor, async () => {
      // What a message says that it answers is its sender's word.
      if (isBehind(actor, input)) await confirm(this.#context, actor);
    });
  }

  #arm({ state }: Actor<State>, { run, tenant, ...input }: Input): Promise<unknown> {
    const { ports, deadlinesOf } = this.#options;
    const times = deadlinesOf?.(state, { ...input, run, tenant }) ?? [];
    if (times.length === 0) return Promise.resolve();
    const armed = Promise.all(times.map((at) => ports.timers.arm({ run, tenant, at })));
    // It is awaited at the end; a refusal until then must not count as unhandled.
    armed.catch(() => undefined);
    return armed;
  }

  async #hasEnded(key: string, ref: RunRef): Promise<boolean> {
    const ended = await this.#options.ports.journal.hasEnded(ref);
    if (ended) this.#cache.retire(key);
    return ended;
  }

  /**
   * A7: an actor that is not in memory. One that is taken for new needs no read: if the guess is wrong its first append
   * conflicts (A1), and before it asks a question it looks into the log (step.ts).
   */
  #enter(key: string, { tenant, run }: RunRef, task: Token | '*', { isOld, isNew }: Knowledge): Actor<State> {
    const { role, decider } = this.#options;
    const actor = newActor({ tenant, run, task, role: role.name }, decider.initial);
    this.#cache.put(key, actor);
    if (isOld || this.#cache.wasRetired(key)) {
      const loaded = exclusively(actor, () => catchUp(this.#context, actor));
      actor.loaded = loaded.then(() => undefined);
    } else actor.isVerified = isNew;
    return actor;
  }
}

/** What the delivery says of an actor that is not in memory. */
interface Knowledge {
  /** It may have a log: that is read first. */
  isOld: boolean;
  /** It cannot have one. */
  isNew: boolean;
}

/**
 * Nothing comes to an actor before this, and it comes once: a task, a run's beginning, the first message of the only role
 * that the actor hears, or what that role answers to the first message of whoever has the task.
 */
function isBeginning({ scope, consumes }: Pick<RoleDeclaration, 'scope' | 'consumes'>, input: Input): boolean {
  if (input.type === 'run.started' || input.type === 'run.rejected') return true;
  if (input.type === 'task.assigned') return scope === 'task';
  const [sender, ...others] = new Set(Object.values(consumes).flat());
  if (scope !== 'task' || sender === undefined || sender === WORKERS || others.length > 0) return false;
  if (!('storedAt' in input)) return false;
  const [id, cause] = [parseMessageId(input.id), parseMessageId(input.cause)];
  return id?.ordinal === 0 || (cause?.ordinal === 0 && cause.task === input.task);
}

const isSignal = (input: Input): boolean => !('storedAt' in input);

/** The input answers a message of this actor that this process has not seen. */
function isBehind<State>(actor: Actor<State>, input: Input): boolean {
  const cause = 'cause' in input ? parseMessageId(input.cause) : undefined;
  if (cause === undefined || cause.from !== actor.scope.role) return false;
  if (actor.scope.task !== '*' && cause.task !== actor.scope.task) return false;
  return cause.ordinal >= actor.nextOrdinal;
}
