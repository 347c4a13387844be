import { describe, expect, it } from 'vitest';
import { describeModels } from './model-note.ts';
import { parseOptions } from './options.ts';

const note = (words: string[], environment: NodeJS.ProcessEnv) =>
  describeModels(parseOptions(words, '/home/me', environment), environment);
const KEY = { ANTHROPIC_API_KEY: 'k' };

describe('what a start says of models', () => {
  it('is nothing without a key, or offline', async () => {
    expect(await note(['q'], {})).toEqual([]);
    expect(await note(['q', '--offline'], KEY)).toEqual([]);
  });

  it('is which ones will be asked, and the most that a run may cost', async () => {
    expect(await note(['q'], KEY)).toEqual([
      'Models     claude-haiku-5-5, claude-sonnet-5-5, claude-opus-5-5',
      'Budget     200,000 tokens a run, at most $5.00; --budget-usd sets another bound',
    ]);
  });

  it('is the bound that was set', async () => {
    expect((await note(['q', '--budget-tokens', '20000', '--budget-usd', '0.25'], KEY))[1]).toBe(
      'Budget     20,000 tokens a run, at most $0.25',
    );
  });

  it('is that nobody knows the price of a model on a server of one’s own', async () => {
    const local = { OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1' };
    expect(await note(['q', '--model', 'qwen3'], local)).toEqual([
      'Models     qwen3',
      'Budget     200,000 tokens a run, what they cost is not known',
    ]);
  });

  it('is one sentence if a setting is wrong', async () => {
    await expect(note(['q', '--model', 'gpt-5.5'], KEY)).rejects.toThrow('OPENAI_API_KEY');
    await expect(note(['q', '--provider', 'openai'], {})).rejects.toThrow('OPENAI_API_KEY');
  });
});
