import { encode, type Input, type Message, messageId, parseRunSubject, SCHEMA_VERSION } from '@troupe/contract';
import { type ActorTelemetry, silentTelemetry } from '@troupe/telemetry';
import { MemoryBus } from './memory/memory-bus.ts';
import type { ProcessPorts } from './memory/process-ports.ts';
import type { ActorPorts } from './options.ts';
import type { ActorScope } from './ports.ts';
import { ActorRuntime } from './runtime.ts';
import {
  tester,
  testerDecider,
  TesterPerformer,
  type TesterDecider,
  type TesterQuestion,
  type TesterState,
} from './tester.fixture.ts';
import type { RoleDeclaration } from './role.ts';

export const RUN = '01990000-0000-7000-8000-000000000001';
export const TENANT = 'default';

export interface Replica {
  runtime: ActorRuntime<TesterState, TesterQuestion, string>;
  process: ProcessPorts;
  performer: TesterPerformer;
}

export interface RigOptions {
  role?: RoleDeclaration;
  decider?: TesterDecider;
  performer?: TesterPerformer;
  telemetry?: ActorTelemetry;
  actorsMax?: number;
  keepAliveMs?: number;
  deadlinesOf?: (state: TesterState, input: Input) => readonly number[];
  version?: string;
  /** Changes the ports that the runtime sees. */
  around?: (ports: ActorPorts) => ActorPorts;
  /** Faults to order before the process starts. */
  prepare?: (process: ProcessPorts) => void;
}

/** A wheel that never turns during a test. */
const NEVER_MS = 1_000_000_000;

/** A bus, inputs for the tester role, and processes of it that can be started, killed and drained. */
export class Rig {
  readonly bus = new MemoryBus();
  readonly #started: Replica[] = [];
  #ordinal = 0;

  /** Stores a task for the tester, as the supervisor does. Returns the ID of the message. */
  async assign(title: string, task = 't1', change: Partial<Message> = {}): Promise<string> {
    const message = { ...taskMessage(title, task, this.#ordinal), ...change };
    const ref = { tenant: message.tenant, run: RUN };
    const address = { ...ref, task, from: 'supervisor', to: 'tester', ordinal: this.#ordinal };
    const scope = { ...ref, task: '*', role: 'supervisor' } as const;
    const expectedSeq = this.bus.runs.entries.findLast(({ subject }) => isOf(scope, subject))?.seq ?? 0;
    const bytes = encode(message);
    await this.bus.journal.append({ scope, address, bytes, expectedSeq });
    this.#ordinal += 1;
    return message.id;
  }

  async start(options: RigOptions = {}): Promise<Replica> {
    const { role = tester, decider = testerDecider, performer = new TesterPerformer() } = options;
    const process = this.bus.connect(role);
    options.prepare?.(process);
    const runtime = new ActorRuntime({
      role,
      decider,
      performer,
      layout: this.bus.layout,
      ports: options.around?.(process.ports) ?? process.ports,
      telemetry: options.telemetry ?? silentTelemetry,
      actorsMax: options.actorsMax ?? 100,
      keepAliveMs: options.keepAliveMs ?? NEVER_MS,
      version: options.version ?? 'v1',
      ...(options.deadlinesOf === undefined ? {} : { deadlinesOf: options.deadlinesOf }),
    });
    const replica = { runtime, process, performer };
    this.#started.push(replica);
    await runtime.start();
    return replica;
  }

  /** Kills what still runs; only timers of the runtimes are left to stop. */
  async end(): Promise<void> {
    for (const { process, runtime } of this.#started.splice(0)) {
      process.crash();
      await runtime.drain(0);
    }
  }
}

/** What one role has written of a run, whichever task it was for. */
function isOf({ tenant, run, role }: ActorScope, subject: string): boolean {
  const address = parseRunSubject(subject);
  return address?.tenant === tenant && address.run === run && address.from === role;
}

function taskMessage(title: string, task: string, ordinal: number): Message {
  return {
    type: 'task.assigned',
    body: { goal: 'g', title, instructions: '', tools: [], inputs: [], round: 1 },
    id: messageId('supervisor', task, ordinal),
    run: RUN,
    task,
    v: SCHEMA_VERSION,
    decider: 'v1',
    at: 0,
    cause: 'goal.1',
    tenant: TENANT,
    budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 },
    integrity: 'user',
  };
}
