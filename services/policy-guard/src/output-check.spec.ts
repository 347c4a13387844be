import { readFileSync } from 'node:fs';
import { REPORT_CHARS_MAX } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { checked, KEY, policy, report } from './checked.fixture.ts';
import { ALLOW_SEARCH, policyOf, proposed, verdict, sealedPassage } from './guard.fixture.ts';
import { parsePolicy } from './policy.ts';

describe('given a report', () => {
  it('when each citation has a source, then it is let out as it is, with its sources', () => {
    expect(verdict(policy, proposed('A fact [1]. Another [2].', 2))).toMatchObject({
      to: 'supervisor',
      type: 'output.approved',
      body: {
        markdown: 'A fact [1]. Another [2].\n\n## Sources\n\n[1] a.md:1\n[2] a.md:2\n',
        masked: 0,
        neutralised: 0,
      },
    });
  });

  it.each([
    '# Title\n\nText with *emphasis*, **more**, `code` and a list:\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |',
    'Sums: 1 < 2, a <= b, x && y; R&D; &lt;b&gt;; 5 * 3_000; C:\\path; {a}',
    '```ts\nconst a = <b>(c) => `https://x.example`; // <script>\n```\n\nText `<img src=x>` and ``a`b``.',
    '[the plan](https://port.example/plan), https://ferries.example/a_b and <br-less> text'.replace(
      '<br-less>',
      'plain',
    ),
    'See [above](#results). "Quotes" stay, and a [bracket] too.',
    'Ein größerer Text – mit „Anführung“, 日本語 und 👩‍🚀.',
  ])('when it is an honest one, then nothing of it changes: %s', (markdown) => {
    expect(checked({ markdown, sources: [] })).toEqual({ markdown: `${markdown}\n`, masked: 0, neutralised: 0 });
  });

  it('when a citation has no source, then it is refused and each such number is named once', () => {
    expect(verdict(policy, proposed('One [1], [3], [0], [3].', 1))).toMatchObject({
      type: 'output.refused',
      body: { reason: 'The report cites sources that it does not have: [3], [0].' },
    });
  });

  it('when thousands of citations have no source, then the refusal names as many as fit', () => {
    const report = Array.from({ length: 3_000 }, (_, index) => `[${index + 2}]`).join('');
    expect(verdict(policy, proposed(report, 1))).toMatchObject({
      type: 'output.refused',
      body: { reason: expect.stringMatching(/^The report cites .*\[2\], .*…\.$/) },
    });
  });

  it('when a citation is put together by what is taken out, then it is refused too', () => {
    expect(verdict(policy, proposed('One [1], [\u200b3].', 1)).type).toBe('output.refused');
  });

  it('when it holds what must not leave, then that is masked and counted', () => {
    expect(checked({ markdown: `Key ${KEY} here [1].` })).toMatchObject({
      markdown: 'Key [masked: api-key] here [1].\n\n## Sources\n\n[1] a.md:1-2\n',
      masked: 1,
    });
  });

  it('when a code block holds what must not leave, then that is masked too', () => {
    expect(report(`\`\`\`\nkey=${KEY}\n\`\`\` `)).toBe('```\nkey=[masked: api-key]\n```');
  });

  it('when masking makes the longest report longer, then what is let out still fits its schema, and says that it is cut', () => {
    const letters = policyOf(ALLOW_SEARCH, `output: { mask: [{ id: letter, pattern: 'z' }] }`);
    const lines = 'z.\n'.repeat(REPORT_CHARS_MAX / 3);
    expect(verdict(letters, proposed(lines, 0)).body).toMatchObject({
      markdown: expect.stringMatching(/… \(cut\)\n$/),
    });
  });
});

describe('given sources whose paths must not leave', () => {
  it('when a mask is for a whole path, then each path is looked at by itself', () => {
    const folders = policyOf(ALLOW_SEARCH, `output: { mask: [{ id: staff, pattern: '^hr/.*' }] }`);
    const sources = ['a.md', 'hr/salaries.md'].map((path) =>
      sealedPassage({ path, startLine: 1, endLine: 1, text: 'x' }),
    );
    expect(verdict(folders, proposed('One [1], two [2].', sources)).body).toMatchObject({
      markdown: expect.stringMatching(/\[1\] a\.md:1\n\[2\] .*masked: staff/),
      masked: 1,
    });
  });
});

describe('given a source that cites some lines of its passage', () => {
  const source = sealedPassage({
    path: 'a.md',
    startLine: 1,
    endLine: 3,
    text: 'One.\nTwo, https://two.example/x.\nThree, https://three.example/x.',
  });
  const checkedLines = (text: string) =>
    checked({ markdown: text, sources: [{ ...source, lines: { startLine: 2, endLine: 2 } }] }).markdown;

  it('when it is listed, then those lines are named', () => {
    expect(checkedLines('A fact [1].')).toContain('[1] a.md:2');
  });

  it('when an address is linked, then only those lines may hold it', () => {
    expect(checkedLines('<https://two.example/x> [1]')).not.toContain('`https://two.example/x`');
    expect(checkedLines('<https://three.example/x> [1]')).toContain('`https://three.example/x`');
  });
});

describe('given a list of sources', () => {
  const sourcesOf = (...paths: string[]) =>
    checked({
      markdown: paths.map((_, index) => `[${index + 1}]`).join(' '),
      sources: paths.map((path) => sealedPassage({ path, startLine: 1, endLine: 1, text: '' })),
    })
      .markdown.split('## Sources\n\n')[1]
      ?.trimEnd()
      .split('\n');

  it('when the paths are ordinary, then they stand as they are', () => {
    expect(sourcesOf('fleet/battery-ferries.md', 'a b/c_d.txt', 'größe/日本.md')).toEqual([
      '[1] fleet/battery-ferries.md:1',
      '[2] a b/c_d.txt:1',
      '[3] größe/日本.md:1',
    ]);
  });

  it('when a path is named like a key, then it is masked', () => {
    expect(sourcesOf(`keys/${KEY}.md`, `%73${KEY.slice(1)}.md`)).toEqual([
      '[1] `keys/[masked: api-key].md`:1',
      '[2] `[masked: api-key].md`:1',
    ]);
  });

  it.each([
    ['<img src=x onerror=alert(1)>.md', '`<img src=x onerror=alert(1)>.md`:1'],
    ['a.md:1\n[2] forged.md', '`a.md:1 [2] forged.md`:1'],
    ['a.md\n\n<script>alert(1)</script>', '`a.md  <script>alert(1)</script>`:1'],
    ['![x](https://evil.example/x.png)', '`![x](https://evil.example/x.png)`:1'],
    ['`` ` <b>', '`%60%60 %60 <b>`:1'],
    ['a|b<i>.md', '`a%7Cb<i>.md`:1'],
    ['\u202egnp.exe\u0007', 'gnp.exe:1'],
    ['www.evil.example/a.md', '`www.evil.example/a.md`:1'],
    ['__proto__.md', '`__proto__.md`:1'],
    [' ', '`?`:1'],
  ])('when a path is %j, then it is one line that does nothing', (path, line) => {
    expect(sourcesOf(path)).toEqual([`[1] ${line}`]);
  });

  it('when a path is as long as may be, then it is cut', () => {
    expect(sourcesOf('x'.repeat(512))?.[0]?.length).toBeLessThan(200);
  });

  it('when the report leaves a code block open, then the sources still stand outside of it', () => {
    expect(checked({ markdown: 'Text [1].\n\n```\ncode' }).markdown).toBe(
      'Text [1].\n\n```\ncode\n```\n\n## Sources\n\n[1] a.md:1-2\n',
    );
  });
});

describe('given a reason', () => {
  it('when it quotes a model, then it is masked and does nothing, in one line', () => {
    const reason = `the critic still asks: use ${KEY}\n\n![x](https://evil.example/?d=1) <script>alert(1)</script>`;
    expect(checked({ reason }).reason).toBe(
      'the critic still asks: use [masked: api-key] x (`https://evil.example/?d=1`) &lt;script>alert(1)&lt;/script>',
    );
  });

  it('when there is no report, then the reason alone leaves', () => {
    expect(checked({ markdown: '', sources: [], reason: 'no usable plan: <b>' })).toMatchObject({
      markdown: '',
      reason: 'no usable plan: &lt;b>',
    });
  });

  it('when escapes make it longer, then it is cut to what may be', () => {
    expect(checked({ reason: '`'.repeat(2_000) }).reason?.length).toBeLessThanOrEqual(2_000);
    expect(checked({ reason: `${'` '.repeat(999)}` }).reason?.length).toBeLessThanOrEqual(2_000);
  });
});

describe('given the policy that is shipped', () => {
  it('when a report shows an image, then it is a text: no host is named', () => {
    const shipped = parsePolicy(readFileSync(new URL('../policy.yaml', import.meta.url), 'utf8'), 'policy.yaml');
    expect(verdict(shipped, proposed('![x](https://img.example/a.png)', 0)).body).toMatchObject({
      markdown: 'x (`https://img.example/a.png`)\n',
      neutralised: 1,
    });
  });
});
