import type { Question } from '@troupe/contract';
import { expect } from 'vitest';
import type { Model } from '../../models/model.ts';
import type { Call, Failure, Outcome, Reply } from '../provider.ts';
import { questionOf } from '../question.fixture.ts';

export const KEY = 'sk-test-openai-0123456789abcdef';
export const NEVER = new AbortController().signal;

/** A model that takes everything, with what a test wants to differ. */
export function modelOf(different: Partial<Model> = {}): Model {
  return {
    name: 'test-model',
    provider: 'openai',
    api: 'responses',
    family: 'gpt',
    contextTokens: 1_050_000,
    outputTokensMax: 128_000,
    price: undefined,
    priceAbove: [],
    forcedCall: true,
    thinking: 'optional',
    efforts: ['low', 'medium', 'high'],
    thinkingTokens: 25_000,
    strictSchema: 'openai',
    strictToolsMax: 128,
    echo: true,
    cacheMarkers: false,
    charsPerToken: 4,
    deviations: {
      outputLimit: 'max_completion_tokens',
      forcedChoice: 'required',
      usageInStream: true,
      shortCallIds: false,
    },
    ...different,
  };
}

export function callOf(question: Partial<Question> = {}, different: Partial<Call> = {}): Call {
  const model = different.model ?? modelOf();
  return {
    question: questionOf(question),
    model,
    outputTokensMax: 2_000,
    without: new Set(),
    echoes: true,
    ...different,
  };
}

export function replied(outcome: Outcome): Reply {
  if (!outcome.ok) throw new Error(`${outcome.kind}: ${outcome.message}`);
  return outcome;
}

export function failure(outcome: Outcome): Failure {
  if (outcome.ok) throw new Error('answered');
  expect(outcome.message).not.toContain(KEY);
  return outcome;
}
