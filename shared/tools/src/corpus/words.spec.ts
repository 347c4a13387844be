import { describe, expect, test } from 'vitest';
import { isTelling, wordsOf } from './words.ts';

describe('words', () => {
  test.each([
    ['Battery-ferry, 4,300 kWh!', ['battery', 'ferry', '4', '300', 'kwh']],
    ['Café Zürich ＡＢＣ ﬁre', ['cafe', 'zurich', 'abc', 'fire']],
    ['東京都 and 猫', ['東京', '京都', 'and', '猫']],
    ['Node24のテスト', ['node24', 'のテ', 'テス', 'スト']],
    ['한국어 문서', ['한국어', '문서']],
    ['…—! 😀', []],
    ['', []],
  ])('given %j, then %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test('given a word of a thousand letters, then it is cut', () => {
    expect(wordsOf('x'.repeat(1_000))).toEqual(['x'.repeat(48)]);
    expect(wordsOf('é'.repeat(1_000))).toEqual(['e'.repeat(48)]);
  });

  test('given words that every text has, then they tell nothing', () => {
    expect(wordsOf("It's what the ferry wasn't").filter(isTelling)).toEqual(['ferry', 'wasn']);
  });
});
