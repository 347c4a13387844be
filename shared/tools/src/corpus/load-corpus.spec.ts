import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Corpus, CorpusLimits } from './corpus.ts';
import { CorpusError, explainFolder } from './corpus-error.ts';
import { loadCorpus } from './load-corpus.ts';

const DOCS = join(import.meta.dirname, '../../../../test/fixtures/docs');

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corpus-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

const paths = (corpus: Corpus): string[] => [...corpus.documents.keys()];
const linesOf = (corpus: Corpus, path: string): readonly string[] | undefined => corpus.documents.get(path)?.lines;
const skipped = (corpus: Corpus): string[] => corpus.skipped.map(({ path, reason }) => `${path} ${reason}`);

describe('what is read', () => {
  test('given folders of documents, then all formats are read, in the order of their paths', async () => {
    for (const path of ['b.md', 'a-b.txt', 'a/z.html', 'a/b/c.htm', 'a.TEXT', 'Z.markdown'])
      await write(path, `text of ${path}`);
    const corpus = await loadCorpus(folder);
    expect(paths(corpus)).toEqual(['Z.markdown', 'a-b.txt', 'a.TEXT', 'a/b/c.htm', 'a/z.html', 'b.md']);
    expect(corpus.skipped).toEqual([]);
  });

  test('given a byte order mark and CRLF, LF and CR, then lines are the lines an editor shows', async () => {
    await write('a.txt', '\uFEFFone\r\ntwo\nthree\rfour\r\n');
    expect(linesOf(await loadCorpus(folder), 'a.txt')).toEqual(['one', 'two', 'three', 'four']);
  });

  test('given an empty folder or an empty file, then the corpus is empty or has a document without lines', async () => {
    expect(await loadCorpus(folder)).toEqual({ documents: new Map(), skipped: [] });
    await write('a.md', '');
    expect(linesOf(await loadCorpus(folder), 'a.md')).toEqual([]);
  });

  test('given dot names and node_modules, then they are passed over', async () => {
    for (const path of ['.git/a.md', '.b.md', 'node_modules/c/d.md', 'e.md']) await write(path, 'x');
    const corpus = await loadCorpus(folder);
    expect([paths(corpus), corpus.skipped]).toEqual([['e.md'], []]);
  });

  test('given the sample documents, then every citation is exactly what stands in the file', async () => {
    const corpus = await loadCorpus(DOCS);
    expect(corpus.documents.size).toBe(6);
    for (const { path, passages } of corpus.documents.values()) {
      const file = (await readFile(join(DOCS, path), 'utf8')).split('\n');
      for (const { startLine, endLine, text } of passages) {
        const source = file.slice(startLine - 1, endLine).join('\n');
        // Of HTML: every plain word of the passage stands in the lines cited, and tags do not.
        const words = text.match(/[a-z]{4,}/g) ?? [];
        const isCited = path.endsWith('.html')
          ? words.every((word) => source.includes(word)) && !text.includes('<')
          : text === source;
        expect({ path, startLine, isCited }).toEqual({ path, startLine, isCited: true });
      }
    }
  });

  test('given the sample HTML, then a fact is found on the line where the file has it', async () => {
    const passages = (await loadCorpus(DOCS)).documents.get('passengers/refunds.html')?.passages ?? [];
    expect(passages.find(({ text }) => text.includes('seven days'))).toMatchObject({
      startLine: 14,
      endLine: 17,
      heading: 'Refunds & delays',
    });
    expect(passages.find(({ text }) => text.includes('a quarter of the fare'))).toMatchObject({
      startLine: 20,
      endLine: 25,
      heading: 'Delays',
    });
    expect(passages.find(({ heading }) => heading === 'Café vouchers')?.text).toContain(
      '60 crowns for the\ncafé on the quay',
    );
    expect(passages.some(({ text }) => /not text|fourteen/.test(text))).toBe(false);
  });
});

describe('what is left out, with a reason', () => {
  test('given files that are no documents, not UTF-8, or binary', async () => {
    await write('a.pdf', 'x');
    await write('b.md', new Uint8Array([0x61, 0xff, 0xfe]));
    await write('c.txt', 'a\0b');
    await write('d\u0007.txt', 'bell');
    expect(skipped(await loadCorpus(folder))).toEqual([
      'a.pdf is not Markdown, text or HTML',
      'b.md is not UTF-8 text',
      'c.txt is not UTF-8 text',
      'd\\u{7}.txt has a name with control or invisible characters',
    ]);
  });

  test('given names that would hide something from who reads them, then they are listed so that it is seen', async () => {
    const hidden = [
      'line\nbreak.md',
      'turn\u202Etxt.md',
      'zero\u200Bwidth.md',
      'folder\u2028/in.md',
      'tag\u{E0041}.md',
    ];
    for (const name of hidden) await write(name, 'x');
    await writeFile(Buffer.from([...Buffer.from(`${folder}/`), 0x61, 0xff, ...Buffer.from('.md')]), 'x');
    await write('می\u200Cخواهم.md', 'joined');
    const corpus = await loadCorpus(folder);
    expect(paths(corpus)).toEqual(['می\u200Cخواهم.md']);
    expect(skipped(corpus)).toEqual([
      'a\uFFFD.md has a name that is not UTF-8',
      ...[
        'folder\\u{2028} has',
        'line\\u{a}break.md has',
        'tag\\u{e0041}.md has',
        'turn\\u{202e}txt.md has',
        'zero\\u{200b}width.md has',
      ].map((start) => `${start} a name with control or invisible characters`),
    ]);
  });

  test('given a pipe, a socket or a link to one, then nobody waits for it', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.md'), join(folder, '..pipe')]);
    await symlink('..pipe', join(folder, 'linked.md'));
    const server = createServer().listen(join(folder, 'socket.md'));
    await once(server, 'listening');
    try {
      expect(skipped(await loadCorpus(folder))).toEqual([
        'linked.md is not a regular file',
        'pipe.md is not a regular file',
        'socket.md is not a regular file',
      ]);
    } finally {
      server.close();
    }
  });

  test('given a file over the bound, then the others are still read', async () => {
    await write('a.md', 'x'.repeat(11));
    await write('b.md', 'x'.repeat(10));
    const corpus = await loadCorpus(folder, { fileBytesMax: 10 });
    expect(paths(corpus)).toEqual(['b.md']);
    expect(skipped(corpus)).toEqual(['a.md is too large: 11 bytes, and 10 are left']);
  });

  test('given more bytes, files or passages in all than the bounds, then the rest in order of paths', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await write(`${name}.md`, 'one\n\ntwo');
    expect(paths(await loadCorpus(folder, { totalBytesMax: 17 }))).toEqual(['a.md', 'b.md']);
    expect(paths(await loadCorpus(folder, { filesMax: 3 }))).toEqual(['a.md', 'b.md', 'c.md']);
    expect(paths(await loadCorpus(folder, { passagesMax: 5 }))).toEqual(['a.md', 'b.md']);
    expect((await loadCorpus(folder, { filesMax: 3 })).skipped).toHaveLength(1);
  });

  test('given more lines, words or different words in all than the bounds, then what is over them is left out', async () => {
    await write('a.md', 'one two');
    await write('b.md', 'one two\nthree');
    await write('c.md', 'one two one two');
    const left = async (limits: Partial<CorpusLimits>) => skipped(await loadCorpus(folder, limits));
    expect(await left({ linesMax: 2 })).toEqual(['b.md has more lines than memory still holds']);
    expect(await left({ linesMax: 3 })).toEqual(['c.md has more lines than memory still holds']);
    // The words of its path count too: they are found as well.
    expect(await left({ wordsMax: 9 })).toEqual(['c.md has more words than the index still holds']);
    expect(await left({ termsMax: 5 })).toEqual(['b.md has more new words than the index still holds']);
  });

  test('given documents that fill a bound, then the small ones are in and what is read is bounded as well', async () => {
    await write('a.md', 'unique words without end');
    await write('b.md', 'small');
    await write('c.md', new Uint8Array([0xff, 0xff, 0xff]));
    expect(paths(await loadCorpus(folder, { totalBytesMax: 24 }))).toEqual(['b.md']);
    expect(skipped(await loadCorpus(folder, { readBytesMax: 8 }))).toEqual([
      'a.md comes after 8 bytes were read',
      'c.md is not UTF-8 text',
    ]);
  });

  test('given folders deeper than the bound, or more names than the bound', async () => {
    await write('1/2/3/deep.md', 'x');
    await write('1/2/shallow.md', 'x');
    const corpus = await loadCorpus(folder, { depthMax: 2 });
    expect(paths(corpus)).toEqual(['1/2/shallow.md']);
    expect(skipped(corpus)).toEqual(['1/2/3 is more than 2 folders deep']);
    expect(paths(await loadCorpus(folder, { entriesMax: 2 }))).toEqual([]);
    expect((await loadCorpus(folder, { entriesMax: 2 })).skipped).toHaveLength(1);
  });

  test('given links, then only those to files inside the folder are followed', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    await writeFile(join(outside, 'secret.md'), 'secret');
    await write('..2024/real.md', 'mounted');
    await symlink(join(outside, 'secret.md'), join(folder, 'secret.md'));
    await symlink(outside, join(folder, 'folder.md'));
    await symlink(outside, join(folder, 'out'));
    await symlink('nowhere', join(folder, 'dangling.md'));
    await symlink(folder, join(folder, 'loop.md'));
    // Not everything in the folder is for readers: somebody else's repository may hold a link to it.
    await write('.env', 'secret');
    await write('node_modules/a/readme.md', 'x');
    await symlink('.env', join(folder, 'env.md'));
    await symlink('node_modules/a/readme.md', join(folder, 'package.md'));
    await symlink('..2024', join(folder, '..data'));
    await symlink('..data/real.md', join(folder, 'mounted.md'));
    const corpus = await loadCorpus(folder);
    await rm(outside, { recursive: true });
    expect(paths(corpus)).toEqual(['mounted.md']);
    expect(corpus.skipped.map(({ path }) => path)).toEqual([
      'dangling.md',
      'env.md',
      'folder.md',
      'loop.md',
      'out',
      'package.md',
      'secret.md',
    ]);
  });
});

describe('a folder that cannot be used', () => {
  test('given no folder or a file, then the error says what to do', async () => {
    await write('file.md', 'x');
    await expect(loadCorpus(join(folder, 'none'))).rejects.toThrow(CorpusError);
    await expect(loadCorpus(join(folder, 'none'))).rejects.toThrow(/does not exist: create it, or point the setting/);
    await expect(loadCorpus(join(folder, 'file.md'))).rejects.toThrow(/is not a folder: point the setting/);
    await expect(loadCorpus(join(folder, 'file.md', 'below'))).rejects.toThrow(/is not a folder/);
  });

  // The superuser may read everything, so this is asked of the message and not of a folder.
  test.each([
    ['EACCES', 'The documents folder "docs" cannot be read: give this process permission to read and enter it.'],
    [
      'ELOOP',
      'The documents folder "docs" cannot be read (ELOOP): point the setting for the documents folder at one that exists.',
    ],
  ])('given the system error %s, then the error says what to do', (code, message) => {
    expect(explainFolder('docs', code)).toBe(message);
  });
});
