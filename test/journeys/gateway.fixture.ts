import { createHash } from 'node:crypto';
import { type Answer, encode, QUESTION_BYTES_MAX, type Question } from '@troupe/contract';
import { type AgentQuestion, type PerformContext, type Performer } from '@troupe/actor';
import type { ManualClock } from '@troupe/actor/memory';
import { selectProvider } from '@troupe/llm-gateway/providers';

/** Answers questions: a provider, or a test's own ideas of what a model says. */
export type Ask = (question: Question) => Promise<Answer>;

export async function providerAsk(provider: 'offline' | 'scripted'): Promise<Ask> {
  const chosen = await selectProvider({ provider });
  return (question) => chosen.ask(question, new AbortController().signal);
}

/** An answer that calls tools, in order. */
export function calling(...calls: { name: string; arguments: Record<string, unknown> }[]): Answer {
  const toolCalls = calls.map((call, index) => ({ id: `m${index}`, ...call }));
  return { ...plainAnswer, toolCalls, stop: 'tools' };
}

export const plainAnswer = {
  ok: true as const,
  provider: 'test',
  model: 'test',
  text: '',
  toolCalls: [],
  stop: 'end' as const,
  usage: { inputTokens: 100, outputTokens: 20 },
  costUsd: 0,
};

/** Whether a tool may be called now: the one by which work of one kind is handed in, for instance. */
export const offers = ({ tools, only }: Question, name: string): boolean =>
  tools.some((tool) => tool.name === name) && (only === undefined || only === name);

/** The gateway in memory: it asks directly and gives up when the clock has passed the question's time, as on NATS. */
export class MemoryGateway implements Performer<AgentQuestion, Answer> {
  readonly asked: string[] = [];
  readonly #ask: Ask;
  readonly #clock: ManualClock;

  constructor(ask: Ask, clock: ManualClock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  async perform({ deadlineAt, ...asked }: AgentQuestion, { id, input }: Pick<PerformContext, 'id' | 'input'>) {
    const { tenant, run } = input;
    const question: Question = { ...asked, id, tenant, run, role: 'tester' };
    const giveUpAt = Math.min(this.#clock.now() + question.timeoutMs, deadlineAt);
    this.asked.push(id);
    const answer = await Promise.race([this.#ask(question), this.#timeout(giveUpAt)]);
    const bytes = encode(question, QUESTION_BYTES_MAX);
    return { answer, model: { question: createHash('sha256').update(bytes).digest('hex'), answer } };
  }

  recall({ answer }: { answer: Answer }): Answer {
    return answer;
  }

  #timeout(at: number): Promise<Answer> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.#clock.now() >= at)
          resolve({ ok: false, kind: 'timeout', message: 'no answer within the time allowed' });
      };
      this.#clock.onAdvance(check);
      check();
    });
  }
}
