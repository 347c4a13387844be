import { TIERS } from '@troupe/contract';
import { readSettings } from '@troupe/nats';
import { reachableModels } from './calling/reachable.ts';
import type { Model, Price } from './models/model.ts';
import { routeFor } from './models/route.ts';
import { GatewaySettings, providerSettings } from './settings.ts';

/** Which models will be asked, before any is. */
export interface ModelChoice {
  /** The first of each tier, without those that come when it fails; a model that serves several tiers is there once. */
  models: string[];
  /** The most that one token of any model on the routes may cost in US dollars; undefined if a price is not known. */
  usdPerTokenMax: number | undefined;
}

const ANY_PURPOSE = 'draft';
const MILLION = 1_000_000;

/**
 * What a gateway with this environment would ask; undefined if it would ask nobody (offline, scripted). Throws with one
 * sentence that names the setting if it is wrong.
 */
export function modelChoice(environment: NodeJS.ProcessEnv): ModelChoice | undefined {
  const reachable = reachableModels(providerSettings(readSettings(GatewaySettings, environment)));
  if (reachable === undefined) return undefined;
  const { accesses, catalogue } = reachable;
  const available = new Set(accesses.keys());
  const routes = TIERS.map((tier) =>
    routeFor(catalogue, available, { tier, purpose: ANY_PURPOSE, inputTokens: 0, outputTokens: 1 }),
  );
  return {
    models: [...new Set(routes.flatMap(([first]) => (first === undefined ? [] : [first.name])))],
    usdPerTokenMax: dearest(routes.flat()),
  };
}

function dearest(models: readonly Model[]): number | undefined {
  const prices = models.flatMap(({ price, priceAbove }) => [price, ...priceAbove.map((above) => above.price)]);
  if (prices.length === 0 || !prices.every((price): price is Price => price !== undefined)) return undefined;
  return Math.max(...prices.flatMap(({ input, output, cacheWrite = 0 }) => [input, output, cacheWrite])) / MILLION;
}
