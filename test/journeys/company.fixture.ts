import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ActorRuntime,
  type Performer,
  type RoleDecider,
  type RoleDeclaration,
  type RuntimeOptions,
} from '@troupe/actor';
import { MemoryBus, type Moment, type ProcessPorts, settled } from '@troupe/actor/memory';
import { auditRun } from '@troupe/audit';
import { decode, encodeJson, Message, type MessageOf, parseRunSubject, type RunId } from '@troupe/contract';
import { critic } from '@troupe/critic/decide';
import { role as criticRole } from '@troupe/critic/role';
import {
  digestArguments,
  evidenceSealer,
  grantSigner,
  grantVerifier,
  makeRoleKeys,
  sealVerifier,
  warrantSigner,
  warrantVerifier,
} from '@troupe/signing';
import { role as gatewayRole } from '@troupe/llm-gateway/role';
import { policyGuard } from '@troupe/policy-guard/decide';
import { masker } from '@troupe/policy-guard/mask';
import { parsePolicy } from '@troupe/policy-guard/policy';
import { role as guardRole } from '@troupe/policy-guard/role';
import { researcher } from '@troupe/researcher/decide';
import { role as researcherRole } from '@troupe/researcher/role';
import { configFrom } from '@troupe/supervisor/company';
import { deadlinesOf } from '@troupe/supervisor/deadline';
import { supervisor } from '@troupe/supervisor/decide';
import { role as supervisorRole } from '@troupe/supervisor/role';
import { silentTelemetry } from '@troupe/telemetry';
import { toolExecutor } from '@troupe/tool-executor/decide';
import { toolPerformer } from '@troupe/tool-executor/perform';
import { role as executorRole } from '@troupe/tool-executor/role';
import { toolSpecs } from '@troupe/tools';
import { type Corpus, createToolbox, loadCorpus, type Toolbox } from '@troupe/tools/run';
import { writer } from '@troupe/writer/decide';
import { role as writerRole } from '@troupe/writer/role';
import { type Ask, MemoryGateway, providerAsk } from './gateway.fixture.ts';

const ROOT = join(import.meta.dirname, '../..');
export const DOCS = join(ROOT, 'test/fixtures/docs');
const POLICY = join(ROOT, 'services/policy-guard/policy.yaml');

export interface CompanyOptions {
  /** What models say: a provider's name or a function. */
  model?: 'offline' | 'scripted' | Ask;
  replicas?: number;
  /** The guard's rules (YAML); the ones of the repository if left out. */
  policy?: string;
  /** The folder of documents; the fixtures if left out. */
  docs?: string;
  /** Where tools that write put their files. */
  dataFolder?: string;
  /** Faults to order per process before it starts. */
  prepare?: (role: string, replica: number, process: ProcessPorts) => void;
}

/** Long after the epoch, so that nothing passes because times are small. */
const NOW = Date.parse('2026-01-01T00:00:00Z');
/** The keep-alive wheel never turns here: the clock stands still while something is in hand. */
const NEVER_MS = 1_000_000_000;

const ROLES = [supervisorRole, researcherRole, writerRole, criticRole, guardRole, executorRole, gatewayRole];

interface Part<State, Q, A> {
  role: RoleDeclaration;
  decider: RoleDecider<State, Q, A>;
  performer: Performer<Q, A>;
  deadlinesOf?: NonNullable<RuntimeOptions<State, Q, A>['deadlinesOf']>;
}

/** All actor roles on a bus in memory, with a model that answers directly and the real tools. */
export class Company {
  readonly bus = new MemoryBus({ now: NOW });
  readonly corpus: Corpus;
  readonly gateway: MemoryGateway;
  readonly #drains: (() => Promise<void>)[] = [];
  #toolsAtWork = 0;

  private constructor(corpus: Corpus, ask: Ask) {
    this.corpus = corpus;
    this.gateway = new MemoryGateway(ask, this.bus.clock);
  }

  static async start(options: CompanyOptions = {}): Promise<Company> {
    const { model = 'offline', replicas = 1, docs = DOCS } = options;
    const company = new Company(await loadCorpus(docs), typeof model === 'string' ? await providerAsk(model) : model);
    for (let replica = 0; replica < replicas; replica += 1) await company.#startAll(options, replica);
    return company;
  }

  async #startAll(options: CompanyOptions, replica: number): Promise<void> {
    const start = <State, Q, A>(part: Part<State, Q, A>) => this.#start(part, options, replica);
    const { gateway } = this;
    const company = configFrom(
      ROLES.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      Object.keys(toolSpecs),
      { isSealed: sealVerifier(KEYS('supervisor')), warrant: warrantSigner(KEYS('supervisor')) },
    );
    const policy = parsePolicy(options.policy ?? readFileSync(POLICY, 'utf8'), 'policy');
    const toolbox = this.#watched(
      createToolbox({ corpus: this.corpus, dataFolder: options.dataFolder ?? '/nonexistent' }),
    );
    const guard = {
      policy,
      sign: grantSigner(KEYS('policy-guard')),
      isWarrant: warrantVerifier(KEYS('policy-guard')),
      isSealed: sealVerifier(KEYS('policy-guard')),
      digest: digestArguments,
      mask: masker(policy.output.mask),
    };
    const nobody: Performer<never, never> = {
      perform: () => Promise.reject(new Error('the guard asks nobody')),
      recall: () => undefined,
    };
    await start({ role: supervisorRole, decider: supervisor(company), performer: gateway, deadlinesOf });
    await start({ role: researcherRole, decider: researcher, performer: gateway });
    await start({ role: writerRole, decider: writer, performer: gateway });
    await start({ role: criticRole, decider: critic, performer: gateway });
    await start({ role: guardRole, decider: policyGuard(guard), performer: nobody });
    await start({
      role: executorRole,
      decider: toolExecutor({ verify: grantVerifier(KEYS('tool-executor')), digest: digestArguments }),
      performer: toolPerformer(toolbox, evidenceSealer(KEYS('tool-executor')), () => this.bus.clock.now()),
    });
  }

  /** Tools touch real files: no time passes on the bus meanwhile. */
  #watched(toolbox: Toolbox): Toolbox {
    return {
      run: async (...call) => {
        this.#toolsAtWork += 1;
        try {
          return await toolbox.run(...call);
        } finally {
          this.#toolsAtWork -= 1;
        }
      },
    };
  }

  async #start<State, Q, A>(part: Part<State, Q, A>, options: CompanyOptions, replica: number): Promise<void> {
    const process = this.bus.connect(part.role);
    options.prepare?.(part.role.name, replica, process);
    const runtime = new ActorRuntime({
      ...part,
      version: 'v1',
      ports: process.ports,
      layout: this.bus.layout,
      telemetry: silentTelemetry,
      actorsMax: 1_000,
      keepAliveMs: NEVER_MS,
    });
    this.#drains.push(() => {
      process.crash();
      return runtime.drain(0);
    });
    await runtime.start();
  }

  /** Publishes a goal as a user does. Returns its sequence. */
  publish(goal: string | object, tenant = 'default'): number {
    const bytes = typeof goal === 'string' ? new TextEncoder().encode(goal) : encodeJson(goal);
    return this.bus.publishGoal(tenant, bytes);
  }

  /** Publishes a goal and lets the company work until there is nothing left to do. */
  async run(goal: string | object): Promise<Journey> {
    this.publish(goal);
    await settled(this.bus, () => this.#toolsAtWork > 0);
    return this.journey();
  }

  /** What there is in the log of the only run. */
  journey(): Journey {
    const entries = this.bus.runs.entries.map(({ subject, bytes }) => ({
      address: parseRunSubject(subject),
      message: Message.parse(decode(bytes)),
    }));
    const runs = [...new Set(entries.map(({ message }) => message.run))];
    for (const run of runs) this.#audit(run);
    const ends = entries.flatMap(({ message }) => (message.type === 'run.ended' ? [message] : []));
    return {
      runs,
      ends,
      messages: entries.map(({ message }) => message),
      paths: entries.map(({ address, message }) => `${address?.from} → ${address?.to}: ${message.type}`),
    };
  }

  /** Whatever a journey shows: its log keeps every promise; a run that is under way may have open ends. */
  #audit(run: RunId): void {
    const stored = this.bus.runs.entries
      .filter(({ subject }) => parseRunSubject(subject)?.run === run)
      .map(({ subject, seq, at, bytes }) => ({ subject, seq, storedAt: at, bytes }));
    const { violations } = auditRun(run, stored, { roles: ROLES, now: this.bus.clock.now() });
    if (violations.length > 0)
      throw new Error(violations.map(({ rule, sentence }) => `${rule}: ${sentence}`).join('\n'));
  }

  async stop(): Promise<void> {
    for (const drain of this.#drains.splice(0)) await drain();
  }
}

export interface Journey {
  runs: RunId[];
  ends: MessageOf<'run.ended'>[];
  messages: Message[];
  /** `from → to: type`, in the order of the log. */
  paths: string[];
}

/** Orders a crash at one effect of the first replica of a role. */
export const crashOf =
  (role: string, effect: number, moment: Moment) =>
  (name: string, replica: number, process: ProcessPorts): void => {
    if (name === role && replica === 0) process.crashAt(effect, moment);
  };

const KEYS = makeRoleKeys('supervisor', 'policy-guard', 'tool-executor');
