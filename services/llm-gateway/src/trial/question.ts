import type { Question } from '@troupe/contract';
import { z } from 'zod';
import type { FailureKind, Outcome } from '../providers/provider.ts';

/** How long one model may take. */
export const TRIAL_MS_MAX = 30_000;
/** Tokens of the answer, without thinking. */
export const ANSWER_TOKENS_MAX = 256;

const Reading = z.strictObject({
  place: z.string().min(1),
  celsius: z.int(),
  sky: z.enum(['clear', 'cloudy']),
  remark: z.string().optional(),
});

const TOOL = {
  name: 'record_weather',
  description: 'Records the weather of a place.',
  parameters: {
    type: 'object',
    properties: {
      place: { type: 'string', description: 'The name of the place.' },
      celsius: { type: 'integer' },
      sky: { type: 'string', enum: ['clear', 'cloudy'] },
      remark: { type: 'string', description: 'Only if there is more to say.' },
    },
    required: ['place', 'celsius', 'sky'],
    additionalProperties: false,
  },
};

/** What each model is asked: small, and answered by one call. */
export const QUESTION: Question = {
  id: 'trial',
  tenant: 'default',
  run: '00000000-0000-7000-8000-000000000000',
  role: 'llm-gateway',
  tier: 'low',
  purpose: 'extract',
  system: 'You record weather reports. Answer with one call of record_weather and with nothing else.',
  turns: [{ role: 'user', text: 'It is 12 degrees Celsius in Oslo, and there is no cloud in the sky.' }],
  tools: [TOOL],
  mustCall: true,
  outputTokensMax: ANSWER_TOKENS_MAX,
  tokensMax: 1_000_000,
  timeoutMs: TRIAL_MS_MAX,
};

/** What one answer showed. `cut`: it was ended by its limit of tokens. */
export type TrialOutcome = 'works' | 'no_call' | 'wrong_arguments' | 'cut' | FailureKind;

export interface Shown {
  outcome: TrialOutcome;
  /** What the service or the check says of it; empty if it works. Holds no key. */
  message: string;
  /** The HTTP status of a refusal. */
  status: number | undefined;
}

/** What an answer to {@link QUESTION} shows of its model. */
export function shownBy(outcome: Outcome): Shown {
  if (!outcome.ok) return { outcome: outcome.kind, message: outcome.message, status: outcome.status };
  const shown = (what: TrialOutcome, message: string): Shown => ({ outcome: what, message, status: undefined });
  if (outcome.stop === 'length') return shown('cut', 'its answer was longer than its limit');
  const call = outcome.toolCalls.find(({ name }) => name === TOOL.name);
  if (call === undefined) return shown('no_call', 'it answered without calling the tool that it was told to call');
  const checked = Reading.safeParse(call.arguments);
  if (!checked.success) return shown('wrong_arguments', z.prettifyError(checked.error));
  return shown('works', '');
}
