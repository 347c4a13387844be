import { decode, Echo, encode, jsonSize, parse, QUESTION_BYTES_MAX } from '@troupe/contract';
import type { EchoPart, Turn } from '@troupe/contract';
import type { Call } from '../provider.ts';

/** Levels of an echo: it is carried inside answers, records and messages, whose levels are bounded together. */
export const ECHO_DEPTH_MAX = 16;
const NO_BOUND = Number.MAX_SAFE_INTEGER;

/**
 * What an answer wants back, or undefined if it would not come back as it is: over a bound of the contract, nested too
 * deep, or of texts that the log cannot keep. Then all of it is left out.
 */
export function echoOf({ model }: Call, parts: readonly EchoPart[]): Echo | undefined {
  const echo = { provider: model.provider, model: model.name, parts: [...parts] };
  if (!parse(Echo, echo).success) return undefined;
  if (jsonSize(parts, { charsMax: NO_BOUND, nodesMax: NO_BOUND, depthMax: ECHO_DEPTH_MAX }) === undefined) {
    return undefined;
  }
  return survives(echo) ? echo : undefined;
}

function survives(echo: Echo): boolean {
  try {
    const back = decode(encode(echo, QUESTION_BYTES_MAX), QUESTION_BYTES_MAX);
    return JSON.stringify(back) === JSON.stringify(echo);
  } catch {
    return false;
  }
}

type AssistantTurn = Extract<Turn, { role: 'assistant' }>;

/** The parts that an earlier answer of the same model wants back, if they are sent this time. */
export function partsToEcho({ echo }: AssistantTurn, { model, echoes }: Call): readonly EchoPart[] | undefined {
  return echoes && echo?.provider === model.provider && echo.model === model.name ? echo.parts : undefined;
}
