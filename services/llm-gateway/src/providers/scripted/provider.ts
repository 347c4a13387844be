import { SUBMIT_DRAFT, SUBMIT_FINDINGS, SUBMIT_PLAN, SUBMIT_REVIEW } from '@troupe/contract';
import type { Answer, PlanSubmission, Question } from '@troupe/contract';
import { unanswered } from '../failure.ts';
import { callable } from '../facts.ts';
import { callId, hash32 } from '../hash.ts';
import type { DirectProvider } from '../direct.ts';
import { draft, firstResearchCall, findings, plan, review } from './script.ts';
import type { Call } from './script.ts';

export interface ScriptedSettings {
  /** How long every answer takes; 0 (the default) sets no timer at all. */
  latencyMs?: number | undefined;
  /** What is added to it, from 0 up to but without this, fixed by the question's ID. */
  jitterMs?: number | undefined;
}

const USAGE = { inputTokens: 100, outputTokens: 20 };

/** Always says the same, at a cost of next to nothing: for measuring and for tests of what goes on around a model. */
export function scriptedProvider({ latencyMs = 0, jitterMs = 0 }: ScriptedSettings): DirectProvider {
  return {
    name: 'scripted',
    ask: async (question, signal) => {
      const delayMs = delayOf(question.id, latencyMs, jitterMs);
      const inTime = signal.aborted
        ? false
        : delayMs === 0 || (await elapsed(Math.min(delayMs, question.timeoutMs), signal));
      if (!inTime) return unanswered('timeout', 'the question was aborted');
      if (delayMs > question.timeoutMs) return unanswered('timeout', `no answer within ${question.timeoutMs} ms`);
      return answerTo(question);
    },
  };
}

/** The latency of one question in whole milliseconds: the same for the same ID. */
export function delayOf(questionId: string, latencyMs: number, jitterMs: number): number {
  return latencyMs + (jitterMs > 0 ? hash32(questionId) % jitterMs : 0);
}

/** Resolves with true after the time, with false as soon as the signal aborts. */
function elapsed(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const onAbort = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function answerTo(question: Question): Answer {
  const call = callFor(question);
  return {
    ok: true,
    provider: 'scripted',
    model: 'scripted',
    text: call ? '' : 'scripted',
    toolCalls: call ? [{ id: callId(`${question.id}#${question.turns.length}`, 0), ...call }] : [],
    stop: call ? 'tools' : 'end',
    usage: USAGE,
    costUsd: 0,
  };
}

function callFor(question: Question): Call | undefined {
  for (const { name } of callable(question)) {
    if (name === SUBMIT_PLAN.name) return { name, arguments: { ...plan(question) } satisfies PlanSubmission };
    if (name === SUBMIT_FINDINGS.name)
      return firstResearchCall(question) ?? { name, arguments: { ...findings(question) } };
    if (name === SUBMIT_DRAFT.name) return { name, arguments: { ...draft(question) } };
    if (name === SUBMIT_REVIEW.name) return { name, arguments: { ...review(question) } };
  }
  return undefined;
}
