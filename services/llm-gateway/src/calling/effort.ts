import type { Tier } from '@troupe/contract';
import { type Effort, EFFORTS, type Model } from '../models/model.ts';

const EFFORT_OF_TIER: Readonly<Record<Tier, Effort>> = { low: 'low', medium: 'medium', high: 'high' };

/** The effort that a tier asks for, or the nearest that the model takes (of two the smaller); undefined if it takes none. */
export function effortFor(tier: Tier, { efforts }: Model): Effort | undefined {
  const wanted = EFFORTS.indexOf(EFFORT_OF_TIER[tier]);
  const away = (effort: Effort) => Math.abs(EFFORTS.indexOf(effort) - wanted);
  let nearest: Effort | undefined;
  for (const effort of EFFORTS)
    if (efforts.includes(effort) && (nearest === undefined || away(effort) < away(nearest))) nearest = effort;
  return nearest;
}

const THINKING_SHARE: Readonly<Record<Effort, number>> = {
  none: 0,
  low: 0.25,
  medium: 0.5,
  high: 1,
  xhigh: 1,
  max: 1,
};

/** Tokens that thinking may take beside the answer: all that the model is allowed if nobody says how much it thinks. */
export function thinkingAllowance({ thinking, thinkingTokens }: Model, effort: Effort | undefined): number {
  if (thinking === 'never') return 0;
  return Math.ceil(thinkingTokens * (effort === undefined ? 1 : THINKING_SHARE[effort]));
}
