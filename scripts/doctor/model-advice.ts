import type { Trial, Tried, TrialOutcome } from '@troupe/llm-gateway/trial';

const OTHER_MODEL =
  'name another model in TROUPE_MODEL, or take it off the routes in a file of your own (TROUPE_MODELS; see services/llm-gateway/models.yaml)';
const LATER = 'Try again later; while it lasts the next model of the route is asked.';

const keyOf = ({ provider }: Trial): string => (provider === 'anthropic' ? 'ANTHROPIC_API_KEY' : 'OPENAI_API_KEY');
const addressOf = ({ provider }: Trial): string =>
  provider === 'anthropic' ? 'ANTHROPIC_BASE_URL' : 'OPENAI_BASE_URL';

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What to do about a model that did not do what it has to. */
export function adviceFor(trial: Trial, { outcome, status }: Pick<Tried, 'outcome' | 'status'>): string {
  if (status === 404) return `The service has no such model for this key: ${OTHER_MODEL}.`;
  return ADVICE[outcome]?.(trial) ?? `See what the service says; if it does not end, ${OTHER_MODEL}.`;
}

const ADVICE: Readonly<Partial<Record<TrialOutcome, (trial: Trial) => string>>> = {
  unauthorised: (trial) =>
    `Set ${keyOf(trial)} to a valid key of ${trial.provider} that may use this model${trial.provider === 'anthropic' ? '' : `, and ${addressOf(trial)} to the server that the key is for`}.`,
  spent: () => 'Raise the limit of the account or pay its bill where the key was made; nothing else helps.',
  rate_limited: () => `${LATER} If it is always so, ask for higher limits or lower TROUPE_MODEL_CONCURRENCY.`,
  overloaded: () => LATER,
  unreachable: (trial) =>
    `Check the network, a proxy (HTTPS_PROXY, with NODE_USE_ENV_PROXY=1) and ${addressOf(trial)}.`,
  timeout: (trial) => `Check ${addressOf(trial)} and the network; if the model is just slow, ${OTHER_MODEL}.`,
  no_call: () => `A model without tool calls cannot work here: ${OTHER_MODEL}.`,
  wrong_arguments: () => `Agents ask again, which costs; if it stays so, ${OTHER_MODEL}.`,
  cut: () =>
    `It thinks longer than models.yaml says (thinking_tokens): raise that in a file of your own (TROUPE_MODELS).`,
  refused: () => capitalised(OTHER_MODEL),
  too_long: () => 'Its context_tokens in models.yaml are wrong: put them right in a file of your own (TROUPE_MODELS).',
};
