import { describe, expect, it } from 'vitest';
import { hasOpenssl } from '../runs/certificate.ts';
import { CAST } from '../characters/cast.ts';
import { MODEL_APIS, type ModelApi } from '../protocols.ts';
import { type Cell, faultsOf, play } from './matrix.ts';
import { summaryOf, tableOf } from './print.ts';

const TEST_MS_MAX = 300_000;

/** With the default budget. The refusing one will not, the forgetful one searches for the same again and again. */
const ENDINGS: Readonly<Record<string, string>> = {
  competent: 'completed',
  verbose: 'completed',
  sloppy: 'partial',
  slow: 'completed',
  forgetful: 'failed',
  refusing: 'failed',
  hostile: 'completed',
};

/** All of them over one API; `npm run models:matrix` plays them over each. */
const PLAYED: Partial<Record<ModelApi, string[]>> = {
  responses: ['competent', 'sloppy'],
  chat: ['competent', 'sloppy'],
};

describe.skipIf(!hasOpenssl()).each(MODEL_APIS)('whoever plays the models over %s', (api) => {
  it(
    'no run hangs or spends more than its budget, each ends as it should, and the competent one completes from "medium" on',
    async () => {
      const characters = PLAYED[api] ?? CAST.map(({ name }) => name);
      const cells: Cell[] = [];
      for await (const played of play(api, { characters, presets: ['medium', 'xlarge'] })) cells.push(played);
      expect(cells).toHaveLength(2 * characters.length);
      expect(faultsOf(cells)).toEqual([]);
      const roomy = cells.filter(({ preset }) => preset === 'xlarge');
      for (const { character, status } of roomy)
        expect({ [character]: status }).toEqual({ [character]: ENDINGS[character] });
      const shortfalls = cells.filter(({ status, reason = '' }) => (status === 'completed') === (reason !== ''));
      expect(shortfalls).toEqual([]);
    },
    TEST_MS_MAX,
  );
});

const cell: Cell = {
  api: 'messages',
  character: 'competent',
  preset: 'medium',
  status: 'completed',
  reason: undefined,
  tokens: 9_802,
  tokensMax: 15_000,
  costUsd: 0.0216,
  seconds: 1.4,
};

describe.skipIf(!hasOpenssl())('the matrix', () => {
  it('finds nothing wrong with runs that keep to their bounds, whatever becomes of those with little', () => {
    const others: Partial<Cell>[] = [
      {},
      { preset: 'small', status: 'failed' },
      { character: 'sloppy', status: 'partial' },
    ];
    expect(faultsOf(others.map((other) => ({ ...cell, ...other })))).toEqual([]);
  });

  it('tells of a run without an end, of one that spent too much, and of a competent model that did not complete', () => {
    const wrong: Partial<Cell>[] = [
      { character: 'slow', status: 'hung', reason: 'no end' },
      { tokens: 15_001 },
      { status: 'failed', reason: 'too little' },
    ];
    expect(faultsOf(wrong.map((other) => ({ ...cell, ...other })))).toEqual([
      'messages, slow, medium: no end',
      'messages, competent, medium: 15001 tokens of 15000',
      'messages, competent, medium: failed: too little',
    ]);
  });

  it('is printed with a line for each API and character, a column for each budget, and what is not known as such', () => {
    const cells = [cell, { ...cell, character: 'verbose', preset: 'xlarge' as const, status: 'failed', costUsd: null }];
    const table = tableOf(cells, ['medium', 'xlarge']).split('\n');
    expect(table[0]?.trim().split(/\s+/)).toEqual(['medium', 'xlarge']);
    expect(table[1]).toMatch(/^messages competent +completed +9802 \$0\.0216 1\.4 s$/);
    expect(table[2]).toMatch(/^messages verbose +failed +9802 \$\? 1\.4 s$/);
    expect(summaryOf(cells)).toBe('2 runs: 1 completed, 1 failed');
  });
});
