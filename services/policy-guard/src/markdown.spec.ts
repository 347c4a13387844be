import { describe, expect, it } from 'vitest';
import { cited, report } from './checked.fixture.ts';

describe('given a link', () => {
  it.each([
    ['[a](https://port.example/other)', 'the goal names its host'],
    ['[a](https://policy.example/) [b](https://a.policy.example/x?y=1)', 'the policy names its host'],
    ['[a](https://survey.example/2026?id=7)', 'a citation holds it'],
    ['https://ferries.example/x', 'it is bare and its host is named'],
    ['[mail](mailto:ops@line.example) or ops@line.example', 'a citation holds the address'],
    ['[a](#chapter-1)', 'it stays in the document'],
    ['![x](https://img.example/a.png)', 'the policy lets images of its host be shown'],
  ])('when it is %s, then it stays: %s', (markdown) => {
    expect(cited(markdown)).toBe(markdown);
  });

  it.each([
    ['[a](https://evil.example/x)', 'a (`https://evil.example/x`)'],
    ['[1](https://evil.example/x)', '[1] (`https://evil.example/x`)'],
    ['![a](https://evil.example/x.png)', 'a (`https://evil.example/x.png`)'],
    ['![a](https://port.example/x.png)', 'a (`https://port.example/x.png`)'],
    [
      '[![a](https://evil.example/x.png)](https://port.example/)',
      '[a (`https://evil.example/x.png`)](https://port.example/)',
    ],
    ['[a](https://survey.example/2026?id=7&data=secret)', 'a (`https://survey.example/2026?id=7&data=secret`)'],
    [`[a](https://port.example/${'x'.repeat(600)})`, `a (\`https://port.example/${'x'.repeat(178)}…\`)`],
    ['[a](https://port.example@evil.example/)', 'a (`https://port.example@evil.example/`)'],
    ['[a](https://port.example:pw@port.example/)', 'a (`https://port.example:pw@port.example/`)'],
    ['[a](https://port.example.evil.example/)', 'a (`https://port.example.evil.example/`)'],
    ['[a](https://evil.example\\@port.example/)', 'a (`https://evil.example@port.example/`)'],
    ['[a](javascript:alert(1))', 'a (`javascript:alert(1)`)'],
    ['[a](&#x6a;avascript:alert(1))', 'a (`javascript:alert(1)`)'],
    ['[a](java&Tab;script:alert(1))', 'a (`java script:alert(1)`)'],
    ['[a](<java\u0001script:alert(1)>)', 'a (`javascript:alert(1)`)'],
    ['[a](data:text/html;base64,PHN2Zz4=)', 'a (`data:text/html;base64,PHN2Zz4=`)'],
    ['[a](//evil.example)', 'a (`//evil.example`)'],
    ['[a](/\\evil.example)', 'a (`/\\evil.example`)'],
    ['[a](../secret.md "title")', 'a (`../secret.md`)'],
    ['[a](https://pоrt.example/)', 'a (`https://xn--prt-sed.example/`)'],
    ['https://pоrt.example/plan', '`https://xn--prt-sed.example/plan`'],
    ['https://ferries.example。evil.example/', '`https://ferries.example.evil.example/`'],
    ['[a](mailto:ops@line.example?body=secret)', 'a (`mailto:ops@line.example?body=secret`)'],
    ['<https://evil.example/x>', '&lt;`https://evil.example/x`>'],
    ['https&#58;//evil.example', '`https://evil.example/`'],
    ['https\\://evil.example', '`https://evil.example/`'],
    ['www.evil.example and x@evil.example', '`www.evil.example` and `x@evil.example`'],
    ['ftp://evil.example/x, xmpp:a@evil.example', '`ftp://evil.example/x`, `xmpp:a@evil.example`'],
    ['[a\nb](https://evil.example)', '[a\nb]\\(`https://evil.example/`)'],
    ['[a](\nhttps://evil.example\n)', '[a]\\(\n`https://evil.example/`\n)'],
    ['[a][b]\n\n[b]: https://evil.example "t"', '[a][b]\n\n[b]\\: `https://evil.example/` "t"'],
    ['[1]: https://evil.example', '[1]\\: `https://evil.example/`'],
    ['> - [b\nc]:\n//evil.example', '> - [b\nc]\\:\n//evil.example'],
  ])('when it is %j, then it is a text: %j', (markdown, text) => {
    expect(cited(markdown)).toBe(text);
  });
});

describe('given code', () => {
  it.each([
    ['a line breaks the span', '`a\n- b` <img src=x>', '&#96;a\n- b&#96; &lt;img src=x>'],
    ['backticks of two lines would meet', 'a ` b\nc ` <img src=x> ` d', 'a &#96; b\nc ` <img src=x> ` d'],
    ['a table cell breaks the span', '| `a | b` `<img src=x>` |', '| &#96;a | b` `&lt;img src=x>&#96; |'],
    ['the span is escaped', '\\`<img src=x>`', '&#96;&lt;img src=x>&#96;'],
    ['raw HTML is asked for', '`<b>`{=html}', '`<b>`&#123;=html}'],
    ['a block is inside a list', '- a\n\n  ```\n  <b>\nout <img src=x>', '- a\n\n```\n<b>\nout <img src=x>\n```'],
    ['a block is inside a quote', '> ```\n<img src=x>', '> &#96;&#96;&#96;\n&lt;img src=x>'],
    ['a block is drawn', '```mermaid\nclick A "https://evil.example"\n```', '```\nclick A "https://evil.example"\n```'],
    ['a block is raw HTML', '```{=html}\n<script>\n```', '```\n<script>\n```'],
    ['a shorter run does not close', '````\n```\n<b>\n````\n<img src=x>', '````\n```\n<b>\n````\n&lt;img src=x>'],
    ['another run does not close', '~~~\n```\n~~~\n<b>', '~~~\n```\n~~~\n&lt;b>'],
  ])('when %s, then nothing gets out of it', (_when, markdown, text) => {
    expect(report(markdown)).toBe(text);
  });
});
