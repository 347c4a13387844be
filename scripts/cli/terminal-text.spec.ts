import { describe, expect, it } from 'vitest';
import { terminalJson, terminalLine, terminalText } from './terminal-text.ts';

describe('text for a terminal', () => {
  it.each([
    ['colours', 'a\u001b[31mred\u001b[0m', 'ared'],
    ['a title', 'a\u001b]0;owned\u0007b', 'ab'],
    ['a link', '\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\', 'here'],
    ['sequences in one character (C1)', 'a\u009b31mred', 'ared'],
    ['a half sequence', 'a\u001b', 'a'],
    ['a cleared screen', '\u001b[2J\u001b[Hgone', 'gone'],
    ['a bell and backspaces', 'safe\u0007\b\b\b\bevil', 'safeevil'],
    ['writing over a line', 'evil\rsafe', 'evil\nsafe'],
    ['turned writing', 'invoice\u202egpj.exe', 'invoicegpj.exe'],
    ['turned writing by isolates', '\u2066a\u2067b\u2068c\u2069\u200e\u200f\u061c', 'abc'],
    ['letters without width', 'pay\u200bpal\u2060\ufeff\u00ad', 'paypal'],
    ['joiners between letters that do not join', 'pay\u200dpal\u200c.com', 'paypal.com'],
    ['tags', 'flag\u{e0067}\u{e007f}', 'flag'],
    ['other ends of lines', 'a\u2028b\u2029c\u0085d\ve\ff', 'a\nb\nc\nd\ne\nf'],
  ])('has no %s', (_name, text, safe) => {
    expect(terminalText(text)).toBe(safe);
  });

  it.each(['Line one\n\tand two\n', 'Größe, résumé, 渡り鳥, Ελλάδα', 'شرکت‌ها', 'क्‍ष', '👩‍🚒 👩🏽‍🚒 🏳️‍🌈 ❤️‍🔥'])(
    'keeps what is fine: %j',
    (text) => {
      expect(terminalText(text)).toBe(text);
    },
  );

  it('is one line where it is a part of one', () => {
    expect(terminalLine('  report.md\nStatus    completed\u2028\u001b[2K ')).toBe('report.md Status completed');
  });

  it('as JSON loses nothing', () => {
    const value = { '\u202ekey': 'a\u001b[31m\u2028\u200b\u{e0067}\n' };
    const json = terminalJson(value, 2);
    expect(terminalText(json)).toBe(json);
    expect(JSON.parse(json)).toEqual(value);
  });
});
