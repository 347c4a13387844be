import { GoalOptions, tokensOf } from '@troupe/contract';
import { EXIT, Failure, sentenceOf } from '../cli/failure.ts';
import type { StartOptions } from './options.ts';

/** What the gateway of this start is told beside the launcher's own environment. */
export function modelSettings({ provider, model }: Pick<StartOptions, 'provider' | 'model'>): Record<string, string> {
  return {
    ...(provider === undefined ? {} : { TROUPE_MODEL_PROVIDER: provider }),
    ...(model === undefined ? {} : { TROUPE_MODEL: model }),
  };
}

/**
 * Which models will be asked and what a run may cost, before anything is spent: no line if nobody is asked. Throws a
 * Failure with one sentence if a setting is wrong: the gateway would say the same, but later and in its log.
 */
export async function describeModels(options: StartOptions, environment: NodeJS.ProcessEnv): Promise<string[]> {
  if (options.provider === 'offline' || options.provider === 'scripted') return [];
  // Loaded where it is needed alone: a start without a model does not wait for it.
  const { modelChoice } = await import('@troupe/llm-gateway/choice');
  const choice = chosen(() => modelChoice({ ...environment, ...modelSettings(options), ...NOT_KNOWN_YET }));
  if (choice === undefined) return [];
  const goal = GoalOptions.parse(options.goal?.options ?? {});
  const tokens = tokensOf(goal);
  const usd = goal.usd_max ?? (choice.usdPerTokenMax === undefined ? undefined : tokens * choice.usdPerTokenMax);
  const cost =
    usd === undefined
      ? 'what they cost is not known'
      : `at most $${usd.toFixed(2)}${goal.usd_max === undefined ? '; --budget-usd sets another bound' : ''}`;
  return [`Models     ${choice.models.join(', ')}`, `Budget     ${tokens.toLocaleString('en')} tokens a run, ${cost}`];
}

/** Settings that every process needs and that say nothing of models. */
const NOT_KNOWN_YET = { NATS_URL: 'nats://127.0.0.1:4222', TROUPE_AUTH_DIR: '.', TROUPE_ROLES: '.' };

function chosen<Choice>(choose: () => Choice): Choice {
  try {
    return choose();
  } catch (error) {
    throw new Failure(sentenceOf(error), EXIT.failed, { cause: error });
  }
}
