import { TOKEN_PRESETS } from '@troupe/contract';
import { type ModelCompany, startModelCompany } from '../runs/company.ts';
import { characterNamed } from '../characters/cast.ts';
import type { ModelApi } from '../protocols.ts';
import type { ModelServer } from '../serve.ts';
import { startModelServer } from '../server.ts';

export type Preset = keyof typeof TOKEN_PRESETS;
export const PRESETS: readonly Preset[] = ['small', 'medium', 'large', 'xlarge'];

const GOAL = 'How do battery ferries perform in storms and what refunds do passengers get?';
/** The deadline of a run, and how long after it there must be an end. */
const DEADLINE_MS = 120_000;
const GRACE_MS = 10_000;

/** One run: a character plays the models, and the run may spend a preset's tokens. */
export interface Cell {
  api: ModelApi;
  character: string;
  preset: Preset;
  /** `hung`: there was no end. */
  status: string;
  reason: string | undefined;
  tokens: number;
  tokensMax: number;
  /** US dollars; null if the price is not known. */
  costUsd: number | null;
  seconds: number;
}

export interface Wanted {
  characters: readonly string[];
  presets: readonly Preset[];
}

/** Runs of one API with default settings: the characters one after the other, each with all presets at once. */
export async function* play(api: ModelApi, { characters, presets }: Wanted): AsyncGenerator<Cell> {
  // Of chat completions a server where any model is served: OpenAI's own are asked over Responses.
  const server = await startModelServer({ api, ...(api === 'chat' && { dialect: 'plain' }) });
  const company = await companyOf(api, server);
  try {
    for (const character of characters) {
      server.setCharacter(characterNamed(character));
      yield* await Promise.all(presets.map((preset) => cellOf(company, { api, character, preset })));
    }
  } finally {
    await company.stop();
    await server.close();
  }
}

function companyOf(api: ModelApi, { origin }: ModelServer): Promise<ModelCompany> {
  switch (api) {
    case 'messages':
      return startModelCompany({ ANTHROPIC_API_KEY: 'k' }, { 'api.anthropic.com': origin });
    case 'responses':
      return startModelCompany({ OPENAI_API_KEY: 'k' }, { 'api.openai.com': origin });
    case 'chat':
      return startModelCompany({ OPENAI_BASE_URL: `${origin}/v1`, TROUPE_MODEL: 'local' });
  }
}

async function cellOf(company: ModelCompany, who: Pick<Cell, 'api' | 'character' | 'preset'>): Promise<Cell> {
  const tokensMax = TOKEN_PRESETS[who.preset];
  const asked = { goal: GOAL, options: { preset: who.preset, deadline_ms: DEADLINE_MS } };
  try {
    const { body, durationMs } = await company.run(asked, DEADLINE_MS + GRACE_MS);
    const { status, reason, spent } = body;
    return {
      ...who,
      status,
      reason,
      tokens: spent.tokens,
      tokensMax,
      costUsd: spent.costUsd,
      seconds: durationMs / 1_000,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const seconds = (DEADLINE_MS + GRACE_MS) / 1_000;
    return { ...who, status: 'hung', reason, tokens: 0, tokensMax, costUsd: null, seconds };
  }
}

/** What no character may bring about, in sentences; none if all is well. */
export function faultsOf(cells: readonly Cell[]): string[] {
  return cells.flatMap(({ api, character, preset, status, reason, tokens, tokensMax }) => {
    const where = `${api}, ${character}, ${preset}`;
    return [
      ...(status === 'hung' ? [`${where}: ${reason}`] : []),
      ...(tokens > tokensMax ? [`${where}: ${tokens} tokens of ${tokensMax}`] : []),
      ...(character === 'competent' && preset !== 'small' && status !== 'completed'
        ? [`${where}: ${status}: ${reason}`]
        : []),
    ];
  });
}
