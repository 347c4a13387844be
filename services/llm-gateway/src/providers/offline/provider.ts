import { CALLS_PER_ANSWER_MAX, SUBMIT_DRAFT, SUBMIT_FINDINGS, SUBMIT_PLAN, SUBMIT_REVIEW } from '@troupe/contract';
import type { Answered, Question } from '@troupe/contract';
import { checkedAnswer } from '../checked-answer.ts';
import { unanswered } from '../failure.ts';
import { callId } from '../hash.ts';
import { callable, factsOf, PlanData, ResearchData, ReviewData, WriteData } from '../facts.ts';
import type { DirectProvider } from '../direct.ts';
import { estimatedUsage } from '../usage.ts';
import { draftOf } from './draft.ts';
import { extractOf } from './extract.ts';
import { filledObject } from './fill-schema.ts';
import { planOf } from './plan.ts';
import type { PlannedCall } from './planned-call.ts';
import { researchStep } from './research.ts';
import { reviewOf } from './review.ts';

const MODEL = 'offline-extractive-1';
const EXTRACT_CHARS_MAX = 1_000;
const NO_MODEL = 'No model is configured: this is an extract of the text given, made by the offline provider.';

/**
 * Answers without a model, a network, a clock or chance: it plans, searches, quotes, cites and checks by counting
 * words, and says so where that is not enough. The same question always has the same answer, IDs included.
 */
export function offlineProvider(): DirectProvider {
  return {
    name: 'offline',
    ask: async (question, signal) => {
      if (signal.aborted) return unanswered('timeout', 'the question was aborted');
      const { text, calls } = stepOf(question);
      return checkedAnswer(answered(question, text, calls));
    },
  };
}

interface Step {
  text: string;
  calls: PlannedCall[];
}

/** What to do is known by the submission that is offered; data of another shape makes the question an unknown one. */
function stepOf(question: Question): Step {
  const offered = new Set(callable(question).map(({ name }) => name));
  if (offered.has(SUBMIT_PLAN.name)) {
    const prompt = factsOf(question, PlanData);
    if (prompt) return submit(SUBMIT_PLAN.name, planOf(prompt));
  }
  if (offered.has(SUBMIT_FINDINGS.name)) {
    const prompt = factsOf(question, ResearchData);
    if (prompt) return { text: '', calls: researchStep(prompt, question) };
  }
  if (offered.has(SUBMIT_DRAFT.name)) {
    const prompt = factsOf(question, WriteData);
    if (prompt) return submit(SUBMIT_DRAFT.name, draftOf(prompt));
  }
  if (offered.has(SUBMIT_REVIEW.name)) {
    const prompt = factsOf(question, ReviewData);
    if (prompt) return submit(SUBMIT_REVIEW.name, reviewOf(prompt));
  }
  return unknownStep(question);
}

function submit(name: string, submission: object): Step {
  return { text: '', calls: [{ name, arguments: { ...submission } }] };
}

/** A question of a kind that this provider was not written for gets an extract of its text, labelled as such. */
function unknownStep(question: Question): Step {
  const extract = extractOf(question, EXTRACT_CHARS_MAX);
  const submission = question.mustCall ? callable(question).find(({ name }) => name.startsWith('submit_')) : undefined;
  const filled = submission && filledObject(submission.parameters, extract);
  if (submission && filled) return { text: NO_MODEL, calls: [{ name: submission.name, arguments: filled }] };
  return { text: `${NO_MODEL}\n\n${extract}`, calls: [] };
}

function answered(question: Question, text: string, calls: readonly PlannedCall[]): Answered {
  const toolCalls = calls
    .slice(0, CALLS_PER_ANSWER_MAX)
    .map((call, index) => ({ id: callId(callScope(question), index), ...call }));
  return {
    ok: true,
    provider: 'offline',
    model: MODEL,
    text,
    toolCalls,
    stop: toolCalls.length > 0 ? 'tools' : 'end',
    usage: estimatedUsage(question, text, toolCalls),
    costUsd: 0,
  };
}

/** A conversation may keep one question ID over its turns; its calls have different IDs all the same. */
function callScope({ id, turns }: Question): string {
  return `${id}#${turns.length}`;
}
