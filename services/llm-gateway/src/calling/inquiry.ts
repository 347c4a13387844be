import { type Answer, Answered, ARGUMENT_CHARS_MAX, parse, type Question, Unanswered } from '@troupe/contract';
import { z } from 'zod';
import { estimateTokens, writtenTokens } from '../models/estimate.ts';
import type { Effort, Model } from '../models/model.ts';
import { costUsd } from '../models/price.ts';
import type { TokenCorrector } from '../models/token-corrector.ts';
import { clampUsage, INPUT_FRAME_TOKENS_MAX, INPUT_TIMES_MAX } from '../models/usage.ts';
import type { Call, Failure, Outcome, Provider, Reply } from '../providers/provider.ts';
import type { Breakers, LeftAlone } from './breakers.ts';
import { roomFor } from './budget.ts';
import type { Clock, Deadline } from './clock.ts';
import { effortFor, thinkingAllowance } from './effort.ts';
import { Ledger } from './ledger.ts';
import type { CallObserver } from './observer.ts';
import { type Attempt, firstAttempt, LONGER_BY, next, type Next, type Unasked } from './policy.ts';
import type { Pace } from './pace.ts';
import type { RefusedParameters } from './refused-parameters.ts';
import { ownSeat, type Seat } from './seat.ts';

/** A call that was open this long without a word when the question's time was over says something about the model. */
export const HANG_MS = 60_000;

/** One call takes no longer: long answers of thinking models need minutes, and a connection that hangs must not take all of a run's time. */
export const CALL_MS_MAX = 300_000;

/** When a question looks again at a provider that takes no more calls just now, while others do. */
const FULL_MS = 1_000;

/** What all questions have in common. */
export interface Shared {
  providerOf(model: Model): Provider;
  paceOf(model: Model): Pace;
  clock: Clock;
  random(): number;
  observer: CallObserver;
  breakers: Breakers;
  refused: RefusedParameters;
  corrector: TokenCorrector;
}

type Asked = Omit<Question, 'system' | 'turns' | 'tools' | 'facts'>;
type Result = Outcome | LeftAlone | Unasked;

/** One question on its way through the models of its route, until one answers or nothing helps. */
export class Inquiry {
  /** All but the prompt. */
  readonly #question: Asked;
  /** Not kept while it only waits. */
  #prompt: Question | undefined;
  readonly #seat: Seat;
  readonly #shared: Shared;
  readonly #ledger = new Ledger();
  readonly #asker: AbortSignal;
  readonly #deadline: Deadline;
  readonly #signal: AbortSignal;
  readonly #endsAt: number;
  /** An answer that was cut off: better than none if the longer one does not come. */
  #cut: { model: Model; reply: Reply } | undefined;
  /** The prompt's tokens as the last model would count them. */
  #estimate: { model: Model; tokens: number } | undefined;
  /** What the last call might write. */
  #outputTokensMax = 0;

  constructor(question: Question, asker: AbortSignal, shared: Shared, seat: Seat = ownSeat(question)) {
    const { system: _system, turns: _turns, tools: _tools, facts: _facts, ...asked } = question;
    this.#question = asked;
    this.#prompt = question;
    this.#seat = seat;
    this.#shared = shared;
    this.#asker = asker;
    this.#deadline = shared.clock.deadline(question.timeoutMs);
    this.#signal = AbortSignal.any([asker, this.#deadline.signal]);
    this.#endsAt = shared.clock.now() + question.timeoutMs;
  }

  /** Asks until there is an answer. Called once. */
  answer(model: Model, others: readonly Model[]): Promise<Answer> {
    return this.#ask(model, others).finally(() => this.#deadline.clear());
  }

  async #ask(model: Model, others: readonly Model[]): Promise<Answer> {
    let attempt = firstAttempt(model, others);
    for (;;) {
      const result = this.#settled(attempt.model, await this.#result(attempt));
      const step = next(attempt, result, this.#situation(attempt, result));
      if (step.do !== 'ask') return this.#end(attempt, step, result);
      if (step.because === 'length' && result.ok) this.#cut = { model: attempt.model, reply: result };
      this.#shared.observer.repeated(step.because, result.ok ? 'cut' : result.kind);
      if (step.delayMs > 0) await this.#resting(this.#shared.clock.sleep(step.delayMs, this.#signal));
      attempt = step.attempt;
    }
  }

  async #result(attempt: Attempt): Promise<Result> {
    const { model } = attempt;
    const effort = effortFor(this.#question.tier, model);
    const room = this.#roomFor(attempt, effort);
    if ('kind' in room) return { ok: false, ...room };
    this.#outputTokensMax = room.outputTokensMax;
    const { refused } = this.#shared;
    if (this.#isFull(attempt)) return FULL;
    return this.#inTurn(model, () =>
      this.#call({
        question: this.#read(),
        model,
        outputTokensMax: room.outputTokensMax,
        effort,
        without: new Set([...refused.of(model), ...attempt.without]),
        echoes: attempt.echoes,
      }),
    );
  }

  /** Waits until the provider takes one more, and asks unless the model is left alone. What waits holds nothing. */
  async #inTurn(model: Model, call: () => Promise<Outcome>): Promise<Result> {
    const { breakers, paceOf } = this.#shared;
    const pace = paceOf(model);
    const turn = pace.enterAtOnce() ?? (await this.#resting(pace.enter(this.#signal, this.#question)));
    if (turn === undefined) return this.#outOfTime(false);
    // In this order: who holds a seat never waits for a turn.
    if (!(await this.#seat.sit(this.#signal))) {
      pace.leave(turn, 'aborted');
      return this.#outOfTime(false);
    }
    let outcome: Outcome | LeftAlone | undefined;
    try {
      return (outcome = await breakers.ask(model, call));
    } finally {
      const retryAfterMs = outcome && 'retryAfterMs' in outcome ? outcome.retryAfterMs : undefined;
      pace.leave(turn, outcome === undefined || outcome.ok ? 'ok' : outcome.kind, retryAfterMs);
    }
  }

  /** Whether its provider takes no more just now, and that of another model does. */
  #isFull({ model, others }: Attempt): boolean {
    const { paceOf } = this.#shared;
    return paceOf(model).isFull && others.some((other) => !paceOf(other).isFull);
  }

  /** Waits without a seat, and without its prompt: thousands may. */
  #resting<Waited>(wait: Promise<Waited>): Promise<Waited> {
    this.#prompt = undefined;
    this.#seat.rise();
    return wait;
  }

  #read(): Question {
    return (this.#prompt ??= this.#seat.read());
  }

  async #call(call: Call): Promise<Outcome> {
    const { clock, observer, providerOf, refused } = this.#shared;
    const startedAt = clock.now();
    const tooLong = clock.deadline(CALL_MS_MAX);
    const said = await providerOf(call.model).ask(call, AbortSignal.any([this.#signal, tooLong.signal]));
    tooLong.clear();
    const durationMs = clock.now() - startedAt;
    const outcome = said.ok ? said : this.#whyNot(said, durationMs, tooLong.signal.aborted);
    const counted = this.#counted(call, outcome);
    if (counted.ok) refused.remember(call.model, call.without);
    observer.called({
      model: call.model,
      outcome: counted.ok ? (counted.stop === 'length' ? 'cut' : 'ok') : counted.kind,
      durationMs,
      paid: counted.usage && { usage: counted.usage, costUsd: costUsd(call.model, counted.usage) },
    });
    return counted;
  }

  /** A call that was ended by us says why: the asker went, the question's time was over, or the call took too long. */
  #whyNot(said: Failure, durationMs: number, isTooLong: boolean): Failure {
    if (this.#signal.aborted) return { ...said, ...this.#outOfTime(durationMs >= HANG_MS && said.usage === undefined) };
    if (!isTooLong) return said;
    return { ...said, kind: 'timeout', message: `no answer within ${CALL_MS_MAX} ms` };
  }

  /** With a usage that can be one: where it cannot, as much as was foreseen. */
  #counted({ model, outputTokensMax }: Call, outcome: Outcome): Outcome {
    if (outcome.usage === undefined) return outcome;
    const { usage, isClamped } = clampUsage(outcome.usage, {
      inputTokens: this.#inputTokens(model),
      inputTokensMax: Math.min(model.contextTokens, INPUT_TIMES_MAX * this.#estimated(model) + INPUT_FRAME_TOKENS_MAX),
      outputTokens: outputTokensMax,
      writtenTokens: outcome.ok ? writtenTokens(outcome, model) : 0,
    });
    if (isClamped) this.#shared.observer.clamped(model);
    return { ...outcome, usage };
  }

  /** Enters what a call cost, and what it taught. */
  #settled(model: Model, result: Result): Result {
    if (!('usage' in result) || result.usage === undefined) return result;
    this.#ledger.add(result.usage, costUsd(model, result.usage));
    if (result.ok) this.#shared.corrector.learn(model, this.#estimated(model), result.usage.inputTokens);
    return result;
  }

  #situation(attempt: Attempt, result: Result) {
    return {
      timeLeftMs: this.#endsAt - this.#shared.clock.now(),
      random: this.#shared.random(),
      canBeLonger: result.ok && result.stop === 'length' && this.#canBeLonger(attempt),
    };
  }

  #canBeLonger(attempt: Attempt): boolean {
    const room = this.#roomFor({ ...attempt, isLonger: true }, effortFor(this.#question.tier, attempt.model));
    return !('kind' in room) && room.outputTokensMax > this.#outputTokensMax;
  }

  #roomFor({ model, isLonger }: Attempt, effort: Effort | undefined) {
    const { outputTokensMax } = this.#question;
    const outputTokens = (outputTokensMax + thinkingAllowance(model, effort)) * (isLonger ? LONGER_BY : 1);
    const inputTokens = this.#inputTokens(model);
    return roomFor({ question: this.#question, model, inputTokens, outputTokens, spent: this.#ledger });
  }

  #inputTokens(model: Model): number {
    return this.#shared.corrector.corrected(model, this.#estimated(model));
  }

  /** Not corrected by what was learnt. */
  #estimated(model: Model): number {
    if (this.#estimate?.model !== model) this.#estimate = { model, tokens: estimateTokens(this.#read(), model) };
    return this.#estimate.tokens;
  }

  #outOfTime(isHang: boolean): Failure {
    const reason: unknown = this.#asker.reason;
    const isTime = reason instanceof DOMException && reason.name === 'TimeoutError';
    if (this.#asker.aborted && !isTime) return { ok: false, kind: 'aborted', message: 'the question was aborted' };
    const message = `no answer within ${this.#question.timeoutMs} ms`;
    return { ok: false, kind: isHang ? 'timeout' : 'aborted', message };
  }

  #end({ model }: Attempt, step: Exclude<Next, { do: 'ask' }>, result: Result): Answer {
    if (step.do === 'answer') return this.#handOut(model, step.reply);
    if (this.#cut !== undefined) return this.#handOut(this.#cut.model, this.#cut.reply);
    return this.#failed(step.kind, model, result.ok ? '' : result.message);
  }

  #handOut(model: Model, reply: Reply): Answer {
    const { usage = reply.usage, costUsd: paidUsd } = this.#ledger;
    const checked = parse(Answered, { ...reply, provider: model.provider, usage, costUsd: paidUsd });
    if (checked.success) return checked.data;
    return this.#failed('malformed', model, `the answer is out of bounds: ${z.prettifyError(checked.error)}`);
  }

  /** What failed was paid all the same. */
  #failed(kind: Unanswered['kind'], model: Model, message: string): Answer {
    const { usage, costUsd: paidUsd } = this.#ledger;
    const paid = usage === undefined ? {} : { usage, costUsd: paidUsd };
    const why = `${model.name}: ${message}`.slice(0, ARGUMENT_CHARS_MAX);
    // Whatever a provider made of its service's words: what cannot be decoded would be asked, and paid, again.
    const checked = parse(Unanswered, { ok: false, kind, message: why, ...paid });
    return checked.success ? checked.data : { ok: false, kind: 'malformed', message: why, ...paid };
  }
}

const FULL: LeftAlone = {
  ok: false,
  kind: 'open',
  message: 'its provider takes no more calls just now',
  retryAfterMs: FULL_MS,
};
