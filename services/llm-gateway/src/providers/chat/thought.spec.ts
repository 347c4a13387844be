import { describe, expect, it } from 'vitest';
import { ThoughtFilter } from './thought.ts';

describe('what a model thinks aloud', () => {
  it('is known behind any number of blanks, without looking through them again with each', () => {
    const filter = new ThoughtFilter();
    let text = '';
    for (let count = 0; count < 200_000; count += 1) text += filter.push(' '.repeat(10));
    text += filter.push('\n<thi');
    expect(text).toBe('');
    expect(filter.push('nk>Hm.</think> The log.')).toBe('The log.');
    expect(filter.end()).toBe('');
  });

  it('is not the text, whose own blanks stay where they are', () => {
    const filter = new ThoughtFilter();
    const texts = ['  ', ' The', ' log ', '<think>', ' .'].map((delta) => filter.push(delta));
    expect(texts.join('')).toBe('   The log <think> .');
  });
});
