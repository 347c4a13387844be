import { readFileSync } from 'node:fs';
import { REPORT_CHARS_MAX } from '@troupe/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activeIn } from './active.fixture.ts';
import { checked, HOSTS, KEY } from './checked.fixture.ts';

/** About fifty times what it takes; a quadratic scan takes longer still. */
const MICROS_MAX = 1_000_000;

const withoutMarks = (text: string): string => text.replaceAll(/\[(?=\W*\d+\W*\])/g, '');

describe('given a text that wants to do something', () => {
  const naughty = readFileSync(new URL('../../../test/fixtures/naughty-strings/strings.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { text: string }).text);
  const contexts = [
    (text: string) => text,
    (text: string) => `> - ${text}`,
    (text: string) => `| a | ${text} |`,
    (text: string) => `[${text}](${text})`,
    (text: string) => `![x](${text} "y") \`${text}\``,
  ];

  it('when it is any of the naughty strings, anywhere, then nothing of what leaves is active', () => {
    expect(naughty.length).toBeGreaterThan(500);
    // In brackets a number would be a citation without a source: refused, which leaves nothing to look at.
    for (const text of naughty.filter((each) => !/^\d{1,4}$/.test(each))) {
      for (const put of contexts) {
        const { markdown } = checked({ markdown: put(text.replaceAll(/\[(\d)/g, '($1')), sources: [] });
        expect({ text, active: activeIn(markdown, HOSTS) }).toEqual({ text, active: [] });
      }
    }
  });

  it('when Markdown, HTML and addresses are mixed at random, then nothing is active, and a second check changes nothing', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '[',
        ']',
        '(',
        ')',
        '](',
        ']:',
        '![',
        '<',
        '>',
        '`',
        '``',
        '```',
        '~~~',
        '\\',
        '\n',
        '\n\n',
        ' ',
        '    ',
        '\t',
        '|',
        '> ',
        '- ',
        '1. ',
        '*',
        '_',
        '&#x3c;',
        '&lt;',
        '&colon;',
        '&#96;',
        '{:',
        '{=html}',
        '"',
        "'",
        ':',
        '@',
        '//',
        '#',
        'a',
        'b c',
        'script',
        'img src=x onerror=y',
        '!--',
        '![CDATA[',
        '?php',
        '/b',
        'javascript:',
        'data:',
        'https:',
        'https://',
        'https://evil.example/x',
        'https://port.example/plan',
        'www.',
        'www.evil.example',
        'port.example',
        'a@evil.example',
        'mailto:',
        '\u200b',
        '\u202e',
        '\u0000',
        '。',
        'ö',
        KEY,
        '%7C',
        '\r',
        '\u2028',
        '\ud800',
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const once = checked({ markdown: withoutMarks(pieces.join('')), sources: [] });
        expect(activeIn(once.markdown, HOSTS)).toEqual([]);
        expect(checked({ markdown: once.markdown, sources: [] })).toEqual({
          markdown: once.markdown,
          masked: 0,
          neutralised: 0,
        });
      }),
      { seed: 1, numRuns: 1_500 },
    );
  });

  it('when it is as long as may be, then it is checked in a bounded time', () => {
    const hostile = [
      '`',
      '![',
      '](',
      '[a](',
      '<',
      '](<',
      '](a (',
      '&',
      'a@',
      '://',
      'a@b.c ',
      '`` ` ',
      '\\',
      'A'.repeat(30) + ' ',
      KEY + ' ',
      '(',
      'www.',
    ];
    for (const part of hostile) {
      const before = process.cpuUsage().user;
      checked({ markdown: part.repeat(REPORT_CHARS_MAX / part.length), sources: [] });
      expect({ part, isQuick: process.cpuUsage().user - before < MICROS_MAX }).toEqual({ part, isQuick: true });
    }
  });
});
