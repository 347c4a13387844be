import type { Refusal } from '../responses/refusal.ts';
import type { Plain } from '../exchange.ts';
import { ERRORS } from './dialect-errors.ts';

/** What a server does to its answers. Each can be switched on for every server. */
const QUIRKS = [
  /** `finish_reason` is `stop` though there are calls. */
  'stop_with_calls',
  /** Answers without calls have `tool_calls: []`, and end with `tool_calls`. */
  'calls_empty',
  'no_index',
  'thought_signature',
  'short_ids',
  'ids_missing',
  'ids_repeated',
  'arguments_object',
  /** Of a call without arguments: an empty text. */
  'arguments_empty',
  'content_null',
  'no_usage',
  /** Usage comes with a stream's last chunk, asked for or not. */
  'usage_always',
  /** A chunk, or an answer that is empty, without choices. */
  'choices_empty',
  'comments',
  'reasoning',
  'reasoning_content',
  'think_tags',
  'choice_ignored',
  'choice_string',
  'choice_any',
  /** vLLM that was started without --enable-auto-tool-choice. */
  'no_auto_choice',
  /** A refusal is no text, only a `finish_reason`. */
  'content_filter',
] as const;
export type Quirk = (typeof QUIRKS)[number];

/** How one compatible server differs from OpenAI's own. */
export interface Dialect {
  readonly name: string;
  /** OpenAI's models with their limits, one deployment, or whatever a request names. */
  readonly models: 'openai' | 'deployment' | 'any';
  readonly path: RegExp;
  readonly key: 'bearer' | 'bearer or api-key' | 'none';
  /** What becomes of parameters that it does not know. */
  readonly unknown: 'refused' | 'ignored';
  /** Parameters of OpenAI's that it does not know; they are refused, unknown or not. */
  readonly refuses: readonly string[];
  /** Whether strict tools are checked. */
  readonly strict: boolean;
  readonly contextTokens: number;
  readonly quirks: ReadonlySet<Quirk>;
  readonly refused: (refusal: Refusal) => Plain;
}

const CONTEXT_TOKENS = 1_050_000;
const ANY_PATH = /\/chat\/completions$/u;

const dialect = (name: string, quirks: readonly Quirk[], more: Partial<Dialect> = {}): Dialect => ({
  name,
  models: 'any',
  path: ANY_PATH,
  key: 'none',
  unknown: 'ignored',
  refuses: [],
  strict: false,
  contextTokens: CONTEXT_TOKENS,
  refused: ERRORS.openai,
  ...more,
  quirks: new Set(quirks),
});

/** What OpenAI's own service has beside what all have. */
const OPENAI_ALONE = ['store', 'prompt_cache_key', 'verbosity', 'service_tier', 'safety_identifier', 'prediction'];

const DIALECTS: readonly Dialect[] = [
  dialect('openai', ['content_null'], {
    models: 'openai',
    path: /^\/v1\/chat\/completions$/u,
    key: 'bearer',
    unknown: 'refused',
    strict: true,
  }),
  dialect('plain', []),
  dialect('azure', ['content_null', 'choices_empty', 'content_filter'], {
    models: 'deployment',
    key: 'bearer or api-key',
    unknown: 'refused',
    strict: true,
  }),
  dialect('ollama', ['choice_ignored', 'reasoning']),
  dialect('vllm', ['stop_with_calls', 'calls_empty', 'content_null', 'reasoning_content'], { refused: ERRORS.vllm }),
  dialect('llama.cpp', ['choice_ignored', 'reasoning_content', 'content_null'], { refused: ERRORS.llamaCpp }),
  dialect('lmstudio', ['choice_string', 'think_tags'], { refused: ERRORS.lmStudio }),
  dialect('openrouter', ['comments', 'usage_always', 'reasoning', 'content_filter'], {
    key: 'bearer',
    refused: ERRORS.openRouter,
  }),
  dialect('gemini', ['no_index', 'stop_with_calls', 'thought_signature', 'usage_always', 'content_filter'], {
    key: 'bearer',
    unknown: 'refused',
    refuses: OPENAI_ALONE,
    refused: ERRORS.gemini,
  }),
  dialect('mistral', ['choice_any', 'short_ids', 'usage_always'], {
    key: 'bearer',
    unknown: 'refused',
    refuses: [...OPENAI_ALONE, 'stream_options', 'max_completion_tokens', 'seed', 'user', 'logit_bias'],
    refused: ERRORS.mistral,
  }),
];

export const DIALECT_NAMES: readonly string[] = DIALECTS.map(({ name }) => name);

/**
 * A server by its name, with what else it shall do: `plain`, `vllm+no_usage`, `plain+refuses:stream_options`,
 * `llama.cpp+context:8000`. OpenAI's own if nothing is named; an Error names what is not known.
 */
export function dialectOf(text = 'openai'): Dialect {
  const [name, ...switches] = text.split('+');
  const found = DIALECTS.find((known) => known.name === name);
  if (found === undefined) throw new Error(`there is no dialect "${name}", there are ${DIALECT_NAMES.join(', ')}`);
  return switches.reduce(switched, found);
}

function switched(base: Dialect, text: string): Dialect {
  const [name, value = ''] = text.split(':');
  if (name === 'refuses' && value !== '') return { ...base, refuses: [...base.refuses, value] };
  if (name === 'context' && Number(value) > 0) return { ...base, contextTokens: Number(value) };
  const quirk = QUIRKS.find((known) => known === text);
  if (quirk === undefined) {
    throw new Error(`no dialect can "${text}", there are ${QUIRKS.join(', ')}, refuses:<parameter>, context:<tokens>`);
  }
  return { ...base, quirks: new Set([...base.quirks, quirk]) };
}
