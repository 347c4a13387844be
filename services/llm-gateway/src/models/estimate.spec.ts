import type { Question } from '@troupe/contract';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { questionOf } from '../providers/question.fixture.ts';
import { cautiousModel } from './cautious.ts';
import { estimateTokens } from './estimate.ts';

const model = { ...cautiousModel('x', 'anthropic'), charsPerToken: 4, echo: true };
const bare = (different: Partial<Question>) =>
  questionOf({ system: '', tools: [], turns: [{ role: 'user', text: '' }], ...different });
/** By how many tokens a question is longer than an empty one. */
const more = (different: Partial<Question>, asked = model) =>
  estimateTokens(bare(different), asked) - estimateTokens(bare({}), asked);

const call = { id: 'c', name: 'find', arguments: { query: 'x'.repeat(388) } };
const parts = [{ kind: 'opaque' as const, block: { thinking: 'x'.repeat(400) } }];
const said = (echo?: { provider: string; model: string; parts: typeof parts }): Question['turns'][number] => ({
  role: 'assistant',
  text: '',
  toolCalls: [],
  ...(echo && { echo }),
});

describe('the estimate of a prompt', () => {
  it('counts everything that a model would read: system, turns, results, calls and the schemas of tools', () => {
    const text = 'x'.repeat(400);
    expect(more({ system: text })).toBe(100);
    expect(more({ turns: [{ role: 'user', text }] })).toBe(100);
    expect(more({ turns: [{ role: 'tool', callId: 'c', name: 'find', text, failed: false }] })).toBe(100);
    const ask = (toolCalls: (typeof call)[]) => ({ turns: [{ role: 'assistant' as const, text, toolCalls }] });
    expect(more(ask([call])) - more(ask([]))).toBeGreaterThanOrEqual(100);
    const tool = {
      name: 'find',
      description: text,
      parameters: { type: 'object', properties: { a: { enum: [text] } } },
    };
    expect(more({ tools: [tool] })).toBeGreaterThanOrEqual(200);
  });

  it('counts what goes back of earlier thinking, to the model alone that thought it', () => {
    const own = { provider: model.provider, model: model.name, parts };
    const plain = more({ turns: [said()] });
    expect(more({ turns: [said(own)] }) - plain).toBeGreaterThanOrEqual(100);
    expect(more({ turns: [said({ ...own, model: 'y' })] })).toBe(plain);
    expect(more({ turns: [said({ ...own, provider: 'openai' })] })).toBe(plain);
    expect(more({ turns: [said(own)] }, { ...model, echo: false })).toBe(plain);
  });

  it('does not count the facts, which no model sees', () => {
    expect(more({ facts: { text: 'x'.repeat(4_000) } })).toBe(0);
  });

  it('takes a character of a dense script for a token', () => {
    expect(more({ system: '模型回答问题' })).toBe(6);
    expect(more({ system: 'длинное слово' })).toBeLessThan(6);
  });

  it('follows what is known of the model', () => {
    expect(more({ system: 'x'.repeat(400) }, { ...model, charsPerToken: 2 })).toBe(200);
  });

  test.prop([fc.array(fc.string({ maxLength: 500 }), { minLength: 1, maxLength: 8 }), fc.string()])(
    'is a whole number that only grows with the prompt',
    (texts, added) => {
      const turns = texts.map((text) => ({ role: 'user' as const, text }));
      const before = estimateTokens(bare({ turns }), model);
      expect(Number.isSafeInteger(before)).toBe(true);
      expect(estimateTokens(bare({ turns: [...turns, { role: 'user', text: added }] }), model)).toBeGreaterThan(before);
      expect(estimateTokens(bare({ turns, system: added }), model)).toBeGreaterThanOrEqual(before);
    },
  );
});
