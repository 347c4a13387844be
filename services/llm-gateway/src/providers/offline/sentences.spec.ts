import { describe, expect, it } from 'vitest';
import { sentencesOf } from './sentences.ts';

function sentences(text: string, startLine = 1) {
  return sentencesOf({ path: 'a.md', startLine, endLine: startLine + text.split('\n').length - 1, text });
}

function texts(text: string, startLine = 1) {
  return sentences(text, startLine).map((sentence) => sentence.text);
}

describe('sentences of a passage', () => {
  it('have the lines where they stand', () => {
    const text =
      'The log is one ordered\nstream of messages. An agent is a pure\nfunction of that very log. It ends here for good.';
    expect(sentences(text, 7)).toEqual([
      { text: 'The log is one ordered stream of messages.', source: { path: 'a.md', startLine: 7, endLine: 8 } },
      { text: 'An agent is a pure function of that very log.', source: { path: 'a.md', startLine: 8, endLine: 9 } },
    ]);
  });

  it('are cleaned of markup', () => {
    expect(texts('- **A1 one writer.** The first output of a [step](x.md) is published with `expect`.')).toEqual([
      'The first output of a step is published with expect.',
    ]);
  });

  it('are those of items too, which need no full stop', () => {
    expect(texts('- every message of a run is kept in one stream\n  and never purged\n- short one')).toEqual([
      'every message of a run is kept in one stream and never purged',
    ]);
  });

  it('are none of headings, code, tables, link lists and front matter', () => {
    const text = [
      '---',
      'title: This is a title of some length.',
      '---',
      '# This heading is as long as a sentence.',
      'Another heading that is long enough here.',
      '-----------------------------------------',
      '```',
      'This is code and not a sentence of prose.',
      '```',
      '',
      '    This is indented code and no sentence.',
      '',
      '| This is | a table row with | many words in it. |',
      '[label]: https://example.org/this-is-a-link-definition.',
      '- https://example.org/a/b/c/d?e=f&g=h https://example.org/i.',
    ].join('\n');
    expect(texts(text)).toEqual([]);
  });

  it('are none of questions, fragments, announcements and what is too short or too long', () => {
    expect(texts('Is this a question about the durable log of a run?')).toEqual([]);
    expect(texts('This paragraph of prose was cut before it could')).toEqual([]);
    expect(texts('These are the rules that every agent has to keep:')).toEqual([]);
    expect(texts('It is too short.')).toEqual([]);
    expect(texts(`This sentence is ${'very '.repeat(100)}long.`)).toEqual([]);
  });

  it('do not begin in the middle where a passage was cut from a document', () => {
    const text = 'and so the rest of a sentence stands here. This one is whole and may be cited.';
    expect(texts(text, 12)).toEqual(['This one is whole and may be cited.']);
    expect(texts(text, 1)).toHaveLength(2);
  });
});
