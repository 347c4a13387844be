/**
 * The actor runtime. Invariants (ARCHITECTURE §5), cited where they bind:
 *
 * A1 one writer: every message is appended on the expectation that the actor's last one is still the last (write.ts).
 * A2 every input leaves a mark: a message in the log names it as its cause (write.ts, actor.ts).
 * A3 record, then ack: a delivery is acked when all outputs of its step are in the log (step.ts, here).
 * A4 one place decides the fate of a delivery (settle.ts); long work keeps its delivery alive (in-hand.ts).
 * A5 everything is bounded: cache, deliveries, races, in-flight work (options below, settle.ts, step.ts).
 * A6 drain: stop pulling, finish or give back what is in hand, within the grace period (here).
 * A7 state is a fold of the log: an actor that is not in memory is rebuilt from it (rebuild.ts).
 */
import { type Input, type Message, parseMessageId, type Token } from '@troupe/contract';
import type { ActorTelemetry } from '@troupe/telemetry';
import { ActorCache } from './actor-cache.ts';
import { type Actor, actorKey, exclusively, newActor } from './actor.ts';
import { backoffMs } from './backoff.ts';
import { type Held, InHand, keyOf } from './in-hand.ts';
import type { Clock, DeadLetters, Delivery, Journal, Mailbox, Timers } from './ports.ts';
import { catchUp } from './rebuild.ts';
import { receive } from './receive.ts';
import type { Performer, RoleDecider, RoleDeclaration } from './role.ts';
import { fateOf } from './settle.ts';
import { type StepContext, takeStep } from './step.ts';

export interface ActorPorts {
  mailbox: Mailbox;
  journal: Journal;
  timers: Timers;
  deadLetters: DeadLetters;
  clock: Clock;
}

export interface RuntimeOptions<State, Q, A> {
  role: RoleDeclaration;
  decider: RoleDecider<State, Q, A>;
  performer: Performer<Q, A>;
  ports: ActorPorts;
  telemetry: ActorTelemetry;
  /** Unix ms at which the run of this input must end, if this input starts one. Pure. */
  deadlineOf?: (input: Input) => number | undefined;
  /** Actors kept in memory. */
  actorsMax: number;
  /** One turn of the keep-alive wheel; less than a third of the ack wait. */
  keepAliveMs: number;
}

/** Runs one role until it is drained. */
export class ActorRuntime<State, Q, A> {
  readonly #options: RuntimeOptions<State, Q, A>;
  readonly #cache: ActorCache<State>;
  readonly #inHand: InHand;
  readonly #abort = new AbortController();
  readonly #context: StepContext<State, Q, A>;
  /** Failures per message that were nobody's absence; bounded because the message is buried at the bound. */
  readonly #defects = new Map<string, number>();
  #draining = false;

  constructor(options: RuntimeOptions<State, Q, A>) {
    this.#options = options;
    this.#cache = new ActorCache(options.actorsMax);
    this.#inHand = new InHand(options.keepAliveMs);
    this.#context = {
      role: options.role,
      decider: options.decider,
      performer: options.performer,
      journal: options.ports.journal,
      clock: options.ports.clock,
      signal: this.#abort.signal,
      onConflict: (type) => options.telemetry.conflict(type),
    };
    options.telemetry.gauges({ inHand: () => this.#inHand.size, actors: () => this.#cache.size });
  }

  start(): Promise<void> {
    return this.#options.ports.mailbox.open((delivery) => void this.#handle(delivery));
  }

  /** A6. Resolves when nothing is in hand; what is not finished after `graceMs` is given back at once. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    await this.#options.ports.mailbox.stopPulling();
    const grace = new Promise<void>((resolve) => {
      setTimeout(resolve, graceMs).unref();
    });
    await Promise.race([this.#inHand.empty(), grace]);
    this.#abort.abort();
    for (const held of this.#inHand.all()) this.#inHand.settle(held, (delivery) => delivery.retry(0));
    this.#inHand.stop();
  }

  async #handle(delivery: Delivery): Promise<void> {
    if (this.#draining) return delivery.retry(0);
    const held = this.#inHand.take(delivery);
    if (held === undefined) return;
    const { telemetry } = this.#options;
    const started = performance.now();
    let inputs: Input[] = [];
    try {
      inputs = receive(this.#options.role, delivery);
      for (const input of inputs) await this.#take(input, delivery.deliveries > 1);
      this.#defects.delete(keyOf(delivery));
      // A3: everything is in the log; only now may the broker forget the delivery.
      this.#inHand.settle(held, (current) => current.ack());
      for (const input of inputs) telemetry.handled(input, delivery.deliveries, performance.now() - started);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      await this.#fail(held, inputs[0], error).catch((reason: unknown) => {
        telemetry.failed(inputs[0], 'retry', `could not be buried: ${String(reason)}`);
        this.#inHand.settle(held, (current) => current.retry(backoffMs(current.deliveries, Math.random())));
      });
    }
  }

  /** A4: acts on the fate that settle.ts decides. */
  async #fail(held: Held, input: Input | undefined, error: unknown): Promise<void> {
    const { seq, deliveries, subject, bytes } = held.current;
    const key = keyOf(held.current);
    const defects = this.#defects.get(key) ?? 0;
    const fate = fateOf(error, deliveries, defects);
    if (fate.kind === 'dead') {
      this.#options.telemetry.failed(input, 'dead', fate.reason);
      await this.#options.ports.deadLetters.bury({ subject, seq, bytes, reason: fate.reason });
      this.#defects.delete(key);
      this.#inHand.settle(held, (current) => current.reject());
    } else if (fate.kind === 'retry') {
      this.#options.telemetry.failed(input, 'retry', fate.reason);
      if (fate.defect) this.#defects.set(key, defects + 1);
      this.#inHand.settle(held, (current) => current.retry(backoffMs(current.deliveries, Math.random())));
    }
  }

  async #take(input: Input, redelivered: boolean): Promise<void> {
    const { role, decider, ports, deadlineOf } = this.#options;
    const deadline = deadlineOf?.(input);
    const armed =
      deadline === undefined ? undefined : ports.timers.arm({ run: input.run, tenant: input.tenant, at: deadline });
    // It is awaited at the end; a refusal until then must not count as unhandled.
    armed?.catch(() => undefined);
    const task: Token | '*' = role.scope === 'run' || !('task' in input) ? '*' : input.task;
    const key = actorKey(input.run, task);
    // A timer of a run that ended here: there is nothing to decide and nobody to tell.
    if (input.type === 'deadline' && this.#cache.wasRetired(key)) return;
    const actor = this.#cache.get(key) ?? this.#enter(key, input.run, task, redelivered || mayBeKnown(input));
    actor.busy += 1;
    try {
      await actor.loaded;
      if (isBehind(actor, input)) await exclusively(actor, () => catchUp(actor, role, decider, ports.journal));
      await takeStep(this.#context, actor, input);
      if (decider.isDone(actor.state)) this.#cache.retire(key);
    } catch (error) {
      // What is in memory may not be what is in the log: start from the log next time.
      this.#cache.drop(key);
      throw error;
    } finally {
      actor.busy -= 1;
    }
    await armed;
  }

  /**
   * A7: an actor that is not in memory. One that is new to the log needs no read: if the guess is wrong the first
   * append conflicts (A1) and the log is read then.
   */
  #enter(key: string, run: string, task: Token | '*', known: boolean): Actor<State> {
    const { role, decider, ports } = this.#options;
    const actor = newActor({ run, task, role: role.name }, decider.initial);
    this.#cache.put(key, actor);
    if (known || this.#cache.wasRetired(key)) {
      actor.loaded = exclusively(actor, () => catchUp(actor, role, decider, ports.journal));
    }
    return actor;
  }
}

/** Goals with an ID of their own and cancel requests may meet a run that is there already. */
function mayBeKnown(input: Input): boolean {
  return (
    input.type === 'run.cancel' ||
    input.type === 'deadline' ||
    (input.type === 'goal.accepted' && input.goal.id !== undefined)
  );
}

/** The input answers a message of this actor that this process has not seen: another replica wrote it. */
function isBehind<State>(actor: Actor<State>, input: Input): boolean {
  const cause = causeOf(input);
  if (cause === undefined || cause.from !== actor.scope.role) return false;
  if (actor.scope.task !== '*' && cause.task !== actor.scope.task) return false;
  return cause.ordinal >= actor.nextOrdinal;
}

const causeOf = (input: Input) => ('cause' in input ? parseMessageId((input satisfies Message).cause) : undefined);
