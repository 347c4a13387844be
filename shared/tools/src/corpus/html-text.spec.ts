import { describe, expect, test } from 'vitest';
import { htmlText } from './html-text.ts';

describe('the text of HTML', () => {
  test('given tags over several lines, then each word stays on the line of the file where it stands', () => {
    const { lines } = htmlText('<div\n  class="x">\n<p>one\ntwo <b>th</b>ree</p>\n\n<p>four</p></div>');
    expect(lines).toEqual(['', '', 'one', 'two three', '', 'four']);
  });

  test('given scripts, styles, comments and drawings over several lines, then they are gone and their lines are kept', () => {
    const hidden = [
      '<script>\nif (a < b) "<p>no</p>";\n</script>',
      '<style>\np{}\n</style>',
      '<!-- <p>\nno</p> -->',
      '<svg><text>\nno</text></svg>',
    ];
    for (const part of hidden) {
      const { lines } = htmlText(`<p>before</p>${part}\n<p>after</p>`);
      expect(lines.join('|')).toBe(`before${'|'.repeat(part.split('\n').length)}after`);
    }
  });

  test('given entities, then they are decoded, and none of them adds a line', () => {
    const { lines } = htmlText('<p>caf&eacute; &#233; &amp;lt; a&#10;b&nbsp;c &copy 5 &lt; 6 &bogus;</p>\n<p>end</p>');
    expect(lines).toEqual(['café é &lt; a b c © 5 < 6 &bogus;', 'end']);
  });

  test('given blocks, cells and line breaks on one line, then their words are apart and inline elements join theirs', () => {
    const { lines } = htmlText('<p>one</p><p>two</p><table><tr><td>a</td><td>b</td></tr></table>c<br>d<i>e</i>');
    expect(lines).toEqual(['one two a b c de']);
  });

  test('given headings, then their text is known by the line on which it begins', () => {
    const { outline } = htmlText(
      '<title>The title</title>\n<h1>\nCaf&eacute;\n<i>vou</i>chers</h1>\n<h2></h2>\n<h3>Open',
    );
    expect([...outline.headings]).toEqual([
      [0, 'The title'],
      [2, 'Café vouchers'],
      [5, 'Open'],
    ]);
  });

  test('given a list, then its items are one block; given paragraphs, then each is one', () => {
    const { outline } = htmlText('<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>c</p>\n<p>d</p>');
    expect([...outline.breaks]).toEqual([1, 4, 5]);
  });

  test('given an empty drawing with a slash, then the text after it is read', () => {
    expect(htmlText('<svg class="x"/><p>after</p>').lines).toEqual(['after']);
  });

  test.each([
    '<',
    '</',
    '<!--',
    '<p',
    '<p class="',
    '<script>',
    '&',
    '&#',
    '<![CDATA[',
    '<?',
    '</p></p>',
    '<h1><h2><h3>',
    '<svg><svg></svg>x',
  ])('given the broken document %j, then it is read without an error', (source) => {
    expect(htmlText(`${source}\n${source}`).lines).toHaveLength(2);
  });

  // Anything that takes time in the square of the size would run into the test's timeout on these.
  test.each([
    ['elements inside each other', `${'<div>'.repeat(400_000)}deep`, 'deep'],
    ['paragraphs on one line', '<p>x'.repeat(400_000), 'x '.repeat(400_000).trimEnd()],
    ['an open heading of white space', `<h1>${' '.repeat(400_000)}${'<br> '.repeat(200_000)}`, ''],
    ['an open heading of text', `<h1>${'a<b>'.repeat(400_000)}`, 'a'.repeat(400_000)],
    ['entities', '&amp;'.repeat(400_000), '&'.repeat(400_000)],
    ['open brackets', '<'.repeat(2_000_000), '<'.repeat(2_000_000)],
    ['open comments', '<!--'.repeat(500_000), ''],
  ])('given two megabytes of %s, then they are read in good time', (_, source, text) => {
    const { lines } = htmlText(source);
    expect(lines.length).toBe(1);
    expect(lines[0] === text).toBe(true);
  });
});
