import { connectAs, NatsAsker } from '@troupe/nats';
import type { ModelApi } from '../models/protocols.ts';
import { type Company, startCompany } from './company.ts';
import { type Calls, timed, type Timed } from './models-calls.ts';
import { DirectClient, ModelProcess } from './models-processes.ts';
import { markOf, questionOf } from './models-question.ts';
import { cpuMs, rssMb } from './process-usage.ts';

const RUN = '0190a8d4-0000-7000-8000-000000000001';
const KEY = 'sk-test-0123456789abcdef';
/** What the machine has of these is not this measurement's. */
const NOBODY = {
  ANTHROPIC_API_KEY: '',
  ANTHROPIC_BASE_URL: '',
  ANTHROPIC_AUTH_TOKEN: '',
  OPENAI_API_KEY: '',
  OPENAI_BASE_URL: '',
  OPENAI_ORG_ID: '',
  OPENAI_PROJECT_ID: '',
  TROUPE_MODELS: '',
  HTTP_PROXY: '',
};

/** What calls through the gateway took; `cpuMs` is the asker's own. */
export interface Asked extends Timed {
  /** CPU time of the gateway and nats-server together, in ms. */
  brokeredCpuMs: number;
}

/** A company of processes whose gateway asks a strict server, and the same SDK beside it. */
export class ModelsRig {
  readonly #server: ModelProcess;
  readonly #company: Company;
  readonly #asker: NatsAsker;
  readonly #direct: DirectClient;
  readonly #close: () => Promise<void>;
  readonly #gatewayPid: number;
  #numbered = 0;
  #body = '';

  private constructor(
    server: ModelProcess,
    company: Company,
    asker: NatsAsker,
    direct: DirectClient,
    close: () => Promise<void>,
  ) {
    this.#server = server;
    this.#company = company;
    this.#asker = asker;
    this.#direct = direct;
    this.#close = close;
    const gateway = company.cluster.children.find(({ options: { name } }) => name === 'llm-gateway');
    if (gateway?.pid === undefined) throw new Error('There is no gateway to measure.');
    this.#gatewayPid = gateway.pid;
  }

  static async start(api: ModelApi): Promise<ModelsRig> {
    const stops: (() => Promise<void>)[] = [];
    const close = async () => {
      for (const stop of stops.splice(0).toReversed()) await stop();
    };
    try {
      const server = await ModelProcess.start(api);
      stops.push(() => server.stop());
      const env = { ...NOBODY, ...settingsOf(api, server.origin) };
      const company = await startCompany({ sync: '2m', latencyMs: 0, env });
      stops.push(() => company.stop());
      const bus = await connectAs('researcher', company.cluster.server);
      stops.push(() => bus.nc.close());
      const asker = new NatsAsker(bus);
      stops.push(() => Promise.resolve(asker.close()));
      const direct = new DirectClient(api, server.origin);
      stops.push(() => direct.stop());
      const rig = new ModelsRig(server, company, asker, direct, close);
      await rig.#readBody();
      return rig;
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** The gateway's own request is what the SDK sends as well. */
  async #readBody(): Promise<void> {
    await this.ask(1, 1);
    const body = JSON.stringify((await this.#server.requests()).requests[0]?.body);
    if (!body.includes(markOf(0))) throw new Error('The request of the first question does not hold its mark.');
    this.#body = body;
  }

  #calls(count: number, inFlight: number): Calls {
    const first = this.#numbered;
    this.#numbered += count;
    return { first, count, inFlight };
  }

  /** Asks through the gateway. Rejects if a question is not answered. */
  async ask(count: number, inFlight: number): Promise<Asked> {
    const before = this.#brokeredCpuMs();
    const took = await timed(this.#calls(count, inFlight), (nth) => this.#askOne(nth));
    return { ...took, brokeredCpuMs: this.#brokeredCpuMs() - before };
  }

  /** Makes the same requests without a gateway. */
  callDirectly(count: number, inFlight: number): Promise<Timed> {
    return this.#direct.call(this.#calls(count, inFlight), this.#body);
  }

  /** Waits so long between two events of a stream. */
  setPace(paceMs: number): Promise<void> {
    return this.#server.setFaults({ paceMs });
  }

  gatewayRssMb(): number {
    return rssMb(this.#gatewayPid);
  }

  /** Answers under way at the same time, at most, so far. */
  async atOnceMax(): Promise<number> {
    return (await this.#server.requests()).activeMax;
  }

  /** Throws unless each call was one request of its own, and none of them was refused or failed. */
  async checkRequests(): Promise<void> {
    const { total, fates, questions } = await this.#server.requests();
    const counts = Object.values(questions);
    const isEachOnce = counts.length === this.#numbered && counts.every((count) => count === 1);
    // A client may leave a stream after its last word: the answer is whole, and the server calls it aborted.
    const heard = (fates['answered'] ?? 0) + (fates['aborted'] ?? 0);
    if (isEachOnce && total === this.#numbered && heard === total) return;
    const told = JSON.stringify({ total, fates, questions: counts.length });
    throw new Error(`${this.#numbered} calls were made, but the server tells of ${told}.`);
  }

  stop(): Promise<void> {
    return this.#close();
  }

  #brokeredCpuMs(): number {
    return cpuMs(this.#gatewayPid) + cpuMs(this.#company.cluster.server.pid);
  }

  async #askOne(nth: number): Promise<void> {
    const input = { type: 'deadline' as const, id: 'deadline.1', run: RUN, tenant: 'default', at: 0 };
    const context = { id: `bench/${nth}`, record: () => Promise.resolve(), signal: NEVER, input };
    const { answer } = await this.#asker.perform(questionOf(nth), context);
    if (!answer.ok) throw new Error(`The gateway did not answer: ${answer.kind}, ${answer.message}`);
  }
}

const NEVER = new AbortController().signal;

/** What a user sets who has such a server. */
function settingsOf(api: ModelApi, origin: string): Record<string, string> {
  if (api === 'messages')
    return { TROUPE_MODEL_PROVIDER: 'anthropic', ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: origin };
  return {
    TROUPE_MODEL_PROVIDER: 'compatible',
    OPENAI_API_KEY: KEY,
    OPENAI_BASE_URL: `${origin}/v1`,
    TROUPE_OPENAI_API: api,
    TROUPE_MODEL: api === 'responses' ? 'gpt-6-luna' : 'qwen3:8b',
  };
}
