import { expect, test } from 'vitest';
import { CORPUS_LIMITS } from './corpus.ts';
import { CorpusLimitsSetting } from './limits-setting.ts';

test('given some bounds, then the others are as they were', () => {
  expect(CorpusLimitsSetting.parse('{}')).toEqual(CORPUS_LIMITS);
  expect(CorpusLimitsSetting.parse('{"termsMax":5,"linesMax":7}')).toEqual({
    ...CORPUS_LIMITS,
    termsMax: 5,
    linesMax: 7,
  });
});

test.each([
  ['', 'Write the bounds as JSON, for example {"termsMax":200000}.'],
  ['{"termMax":5}', 'Unrecognized key: "termMax"'],
  ['{"termsMax":0}', 'Too small: expected number to be >0'],
  ['{"termsMax":"5"}', 'Invalid input: expected number, received string'],
  ['[]', 'Invalid input: expected object, received array'],
])('given %j, then it is refused with what is wrong', (text, message) => {
  expect(CorpusLimitsSetting.safeParse(text).error?.issues).toMatchObject([{ message }]);
});
