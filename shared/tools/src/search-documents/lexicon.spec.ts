import { expect, test } from 'vitest';
import { Pace } from '../pace.ts';
import { Lexicon } from './lexicon.ts';

const TERMS = ['ferries', 'ferris', 'ferry', 'ferryman', 'fery', 'fury', 'merry', 'zebra', 'é'];
const lexicon = new Lexicon(new Map(TERMS.map((term, id) => [term, id])));
const pace = new Pace(new AbortController().signal);

test('given the beginning of a word, then it and all longer ones are found, with their numbers', () => {
  expect([...lexicon.beginningWith('ferry')].map(({ term, id }) => [term, id])).toEqual([
    ['ferry', 2],
    ['ferryman', 3],
  ]);
  expect([...lexicon.beginningWith('x')]).toEqual([]);
});

test('given a word, then only it is exactly that', () => {
  expect(lexicon.exactly('é')?.id).toBe(8);
  expect(lexicon.exactly('ferr')).toBeUndefined();
});

test.each([
  ['ferry', ['fery', 'merry']],
  ['fery', ['ferry', 'fury']],
  ['zebra', []],
  ['zebras', ['zebra']],
])('given %s, then what one letter more, less or other makes of it is %j', async (word, near) => {
  expect((await lexicon.misspelt(word, pace)).map(({ term }) => term)).toEqual(near);
});
