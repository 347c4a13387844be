/** What the service says of its models, kept apart from the gateway's own table: the two must agree by test. */
export interface MessagesModel {
  contextTokens: number;
  outputTokensMax: number;
  forcedCall: boolean;
  /** Types of `thinking` that are taken; left out, it is the first of them. */
  thinking: readonly ('adaptive' | 'between_tools' | 'disabled' | 'enabled')[];
  /** `undefined`: the model has no efforts. */
  effort: 'medium' | 'high' | undefined;
  sampling: boolean;
  prefill: boolean;
  /** Thinking fits only the conversation that it was thought in. */
  boundThinking: boolean;
  cacheTokensMin: number;
}

const CURRENT: MessagesModel = {
  contextTokens: 1_000_000,
  outputTokensMax: 128_000,
  forcedCall: false,
  thinking: ['adaptive'],
  effort: 'high',
  sampling: false,
  prefill: false,
  boundThinking: true,
  cacheTokensMin: 512,
};

export const MODELS: Readonly<Record<string, MessagesModel>> = {
  'claude-sonnet-5-5': { ...CURRENT, thinking: ['adaptive', 'between_tools'] },
  'claude-opus-5-5': { ...CURRENT, effort: 'medium' },
  'claude-haiku-5-5': { ...CURRENT, forcedCall: true, thinking: ['adaptive', 'disabled'], effort: 'medium' },
  'claude-fable-5-1': CURRENT,
  'claude-fable-5-2': CURRENT,
  'claude-opus-5': { ...CURRENT, forcedCall: true, thinking: ['adaptive', 'disabled'], boundThinking: false },
  'claude-haiku-4-5': {
    contextTokens: 200_000,
    outputTokensMax: 64_000,
    forcedCall: true,
    thinking: ['disabled', 'enabled'],
    effort: undefined,
    sampling: true,
    prefill: true,
    boundThinking: false,
    cacheTokensMin: 4_096,
  },
};
