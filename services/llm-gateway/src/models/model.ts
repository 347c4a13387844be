/** The wire format that a model is asked in; the last two ask nobody. */
export type Api = 'messages' | 'responses' | 'chat' | 'offline' | 'scripted';

/** How much a model thinks before it answers, as both large providers name it. */
export const EFFORTS = ['none', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

/** US dollars per million tokens. */
export interface Price {
  input: number;
  output: number;
  /** Of input that came from the provider's cache; as `input` if left out. */
  cacheRead?: number;
  /** Of input that was written to it; as `input` if left out. */
  cacheWrite?: number;
}

/** What is known of one model: everything that its requests depend on is data, see models.yaml. */
export interface Model {
  /** As its provider calls it. */
  name: string;
  /** Whose credentials and address: a name of {@link ProviderAccess}. */
  provider: string;
  api: Api;
  /** Who made it: a critic prefers another family than the writer's. */
  family: string;
  /** Tokens of prompt and answer together. */
  contextTokens: number;
  /** Tokens of one answer at most, thinking included. */
  outputTokensMax: number;
  /** Undefined if nobody has said: the cost is unknown then, never 0. */
  price: Price | undefined;
  /** Other prices for the whole of a request whose prompt is longer; ascending. */
  priceAbove: readonly { inputTokens: number; price: Price }[];
  /** Whether a call can be forced (`tool_choice` any, required, or one tool by name). */
  forcedCall: boolean;
  /** `always`: it thinks unless left alone; `optional`: it can be told not to; `never`. */
  thinking: 'always' | 'optional' | 'never';
  /** Efforts that it takes, and the one it has when none is sent; empty: the parameter is not sent. */
  efforts: readonly Effort[];
  /** Tokens that thinking may take on top of the answer, by which a request's limit is raised. */
  thinkingTokens: number;
  /** Which subset of JSON Schema its strict tools take; `none`: tools are not marked as strict. */
  strictSchema: 'anthropic' | 'openai' | 'none';
  /** Tools of one request that may be strict. */
  strictToolsMax: number;
  /** Whether blocks of earlier answers have to come back (thinking, reasoning, signatures). */
  echo: boolean;
  /** Whether the request says where a prompt may be cached (Anthropic). */
  cacheMarkers: boolean;
  /** A rule of thumb for a prompt that nobody has counted yet. */
  charsPerToken: number;
  /** How servers that speak a protocol of somebody else's differ from it. */
  deviations: {
    /** The name of the bound on output tokens in chat completions. */
    outputLimit: 'max_tokens' | 'max_completion_tokens';
    /** How a call is forced: Mistral says `any`. */
    forcedChoice: 'required' | 'any';
    /** Whether it takes `stream_options.include_usage`. */
    usageInStream: boolean;
    /** Call IDs have to be 9 letters and digits (Mistral). */
    shortCallIds: boolean;
  };
}

/** Where a provider is, and with whose key. The key is the value of a setting of the process, never in a file. */
export interface ProviderAccess {
  name: string;
  apiKey: string | undefined;
  /** The provider's own address if left out. */
  baseUrl: string | undefined;
}
