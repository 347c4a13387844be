import { describe, expect, it } from 'vitest';
import { expressionIn, withoutExpression } from './arithmetic.ts';
import { plainText } from './plain-text.ts';
import { sentenceBounds } from './sentence-bounds.ts';
import { stem } from './stem.ts';
import { isWeak, stems, subjectTerms, words } from './terms.ts';

describe('stems', () => {
  it.each([
    ['deliver', 'delivers', 'delivered', 'delivery', 'deliveries'],
    ['log', 'logs', 'logged', 'logging'],
    ['message', 'messages'],
    ['policy', 'policies'],
    ['process', 'processes'],
    ['crash', 'crashes', 'crashed'],
    ['translate', 'translator', 'translation', 'translates', 'translating'],
    ['durable', 'durability', 'durably'],
    ['event', 'events'],
    ['speed', 'speeds'],
    ['retry', 'retries', 'retried'],
  ])('of %s and its forms are one', (...forms) => {
    expect(new Set(forms.map(stem)).size).toBe(1);
  });

  it.each(['is', 'bus', 'ties', 'toy'])('keep at least three letters, or all: %s', (word) => {
    expect(stem(word).length).toBeGreaterThanOrEqual(Math.min(3, word.length));
  });

  it.each(['größe', 'v2', '日本語'])('leave words of other scripts and with digits alone: %s', (word) => {
    expect(stem(word)).toBe(word);
  });
});

describe('terms', () => {
  it('are the words in lower case, hyphenated ones apart', () => {
    expect(words('Exactly-once: Größe, v2.1!')).toEqual(['exactly', 'once', 'größe', 'v2', '1']);
  });

  it('leave stop words out and repetitions in', () => {
    expect(stems('The logs and the log')).toEqual(['log', 'log']);
  });

  it('of a request are its subject, not the order', () => {
    expect(subjectTerms('Please write a short report on the durable logs').map(({ word }) => word)).toEqual([
      'durable',
      'logs',
    ]);
  });

  it('of a request that is nothing but orders are those', () => {
    expect(subjectTerms('What is a document?').map(({ word }) => word)).toEqual(['document']);
  });

  it('know which words are too common', () => {
    expect([isWeak(stem('systems')), isWeak(stem('mailbox'))]).toEqual([true, false]);
  });
});

describe('sentence bounds', () => {
  function split(paragraph: string) {
    return sentenceBounds(paragraph).map(([start, end]) => paragraph.slice(start, end));
  }

  it.each([
    ['One is here. Two is there! Is three? Yes.', ['One is here.', 'Two is there!', 'Is three?', 'Yes.']],
    ['Use e.g. NATS, i.e. a bus. Dr. Who agrees.', ['Use e.g. NATS, i.e. a bus.', 'Dr. Who agrees.']],
    ['It is version 2.14 of nats.js now. See No. 5 there.', ['It is version 2.14 of nats.js now.', 'See No. 5 there.']],
    ['He said "stop." Then it was over.', ['He said "stop."', 'Then it was over.']],
    ['It came after 3.5 s. `working()` is a call.', ['It came after 3.5 s.', '`working()` is a call.']],
    ['no full stop', ['no full stop']],
    ['', []],
  ])('of %j', (paragraph, sentences) => {
    expect(split(paragraph)).toEqual(sentences);
  });

  it('take time in step with the length, whatever the text', () => {
    expect(split('a. '.repeat(20_000))).toHaveLength(1);
  });
});

describe('plain text', () => {
  it.each([
    ['**Bold**, *slanted* and `code`', 'Bold, slanted and code'],
    ['a [link](http://x.y/z) and ![image](i.png) here', 'a link and here'],
    ['keep snake_case_names and 2 * 3 * 4', 'keep snake_case_names and 2 * 3 * 4'],
    ['a note[^1], another [12] and a <br/> tag, but `<run>` stays', 'a note, another and a tag, but <run> stays'],
  ])('of %j', (markdown, plain) => {
    expect(plainText(markdown)).toBe(plain);
  });

  it('keeps the markup of very long texts rather than taking long', () => {
    expect(plainText('** '.repeat(20_000))).toHaveLength(59_999);
  });
});

describe('arithmetic', () => {
  it.each([
    ['What is 12 * (3 + 4)?', '12 * (3 + 4)'],
    ['Add 1,200 × 3 to it', '1200 * 3'],
    ['so 2+2 is', '2+2'],
    ['between 10 - 4 and more', '10 - 4'],
  ])('is found in %j', (text, expression) => {
    expect(expressionIn(text)).toBe(expression);
  });

  it.each(['on 2024-01-31', 'open 24/7', 'pages 10-20', 'version 2.14.0', '(3 * 4', 'no number'])(
    'is not found in %j',
    (text) => {
      expect(expressionIn(text)).toBeUndefined();
    },
  );

  it('is left out of what there is to look for', () => {
    expect(words(withoutExpression('What  is 12 * (3 + 4) apples?'))).toEqual(['what', 'is', 'apples']);
  });

  it('takes a bounded time on a goal made to be slow', () => {
    expect(expressionIn(`${'1 '.repeat(4_000)}${'('.repeat(4_000)}`)).toBeUndefined();
  });
});
