import type { Effort } from '../character.ts';

/** Tokens of one answer at most, of every model of OpenAI's. */
export const OUTPUT_TOKENS_MAX = 128_000;
/** Tokens of a prompt and its answer. */
export const CONTEXT_TOKENS = 1_050_000;
/** Tokens below which a bound on an answer is refused on Responses. */
export const OUTPUT_TOKENS_MIN = 16;

const FROM_NONE: readonly Effort[] = ['none', 'low', 'medium', 'high', 'xhigh'];
const THINKING: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

export interface ModelLimits {
  name: string;
  efforts: readonly Effort[];
  /** The effort when a request names none. */
  effort: Effort;
  /** What tools meet on chat completions. */
  chatTools: 'never' | 'effort none';
  chat: boolean;
  /** Whether usage tells what went into the cache. */
  cacheWrites: boolean;
}

const limits = (name: string, efforts: readonly Effort[], more: Partial<ModelLimits> = {}): ModelLimits => ({
  name,
  efforts,
  effort: 'medium',
  chatTools: 'effort none',
  chat: true,
  cacheWrites: true,
  ...more,
});

/** What is known of each model, see the notes on model APIs. A model that is not here does not exist. */
const MODELS: readonly ModelLimits[] = [
  limits('gpt-5.5', FROM_NONE, { chatTools: 'never', cacheWrites: false }),
  limits('gpt-5.6-sol', [...FROM_NONE, 'max']),
  limits('gpt-6-luna', [...FROM_NONE, 'max']),
  limits('gpt-6.1-terra', [...FROM_NONE, 'max']),
  limits('gpt-6.1-sol', THINKING),
  limits('gpt-6-astra', THINKING, { chat: false }),
];

export function limitsOf(model: string): ModelLimits | undefined {
  return MODELS.find(({ name }) => name === model);
}

/** The effort that a request is answered with. */
export function effortOf(asked: string | null | undefined, { efforts, effort }: ModelLimits): Effort {
  return efforts.find((known) => known === asked) ?? effort;
}
