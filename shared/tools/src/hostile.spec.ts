import { setImmediate } from 'node:timers/promises';
import { PASSAGE_CHARS_MAX, ToolOutcome } from '@troupe/contract';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Corpus } from './corpus/corpus.ts';
import { documentOf, type Format } from './corpus/document.ts';
import { longestSliceMs } from './slices.fixture.ts';
import { ToolError } from './tool-error.ts';
import type { RunTool } from './tool-runner.ts';
import { createCalculate } from './calculate/run.ts';
import { createReadDocument } from './read-document/run.ts';
import { createSearchDocuments } from './search-documents/run.ts';

/** What one call may compute before the rest of the process has a turn. */
const SLICE_MS_MAX = 50;
const CHARS = 2_000_000;
const context = { callId: 'c1', run: '0197a3f0-0000-7000-8000-000000000001', signal: new AbortController().signal };

const fill = (text: string): string => text.repeat(Math.ceil(CHARS / text.length)).slice(0, CHARS);
const corpusOf = (files: Iterable<readonly [path: string, format: Format, text: string]>): Corpus => ({
  documents: new Map([...files].map(([path, format, text]) => [path, documentOf(path, format, text)])),
  skipped: [],
});

async function outcomeOf(tool: RunTool, args: unknown): Promise<ToolOutcome> {
  try {
    const { content, evidence } = await tool(args, context);
    return ToolOutcome.parse({ ok: true, content, evidence: evidence.map((found) => ({ ...found, seal: 'seal' })) });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return ToolOutcome.parse({ ok: false, kind: 'failed', message: error.message });
  }
}

describe('documents made to hurt, of two megabytes each', () => {
  const single: [name: string, format: Format, text: string][] = [
    ['a single line', 'text', fill('x')],
    ['a single line of words', 'text', fill('needle ')],
    ['quotes', 'text', fill('"')],
    ['control characters', 'text', fill('\u0001\u001B[2Jneedle')],
    ['characters of two halves', 'text', fill('😀')],
    ['marks on one letter', 'text', `needle${fill('\u0301')}`],
    ['characters that become eighteen', 'text', fill('\uFDFA ')],
    ['right-to-left turns', 'text', fill('\u202Eneedle\u2066')],
    ['empty lines', 'markdown', fill('\n')],
    ['fences', 'markdown', fill('```\n')],
    ['headings of marks', 'markdown', fill(`#${' #'.repeat(148)}x\n`)],
    ['blank space', 'markdown', fill(' \t')],
    ['open brackets', 'html', fill('<')],
    ['unclosed tags', 'html', fill('<p ')],
    ['unclosed attributes', 'html', `<p ${fill('a="')}`],
    ['half a closing script', 'html', `<script>${fill('</scrip')}`],
    ['half an entity', 'html', fill('&CounterClockwiseContourIntegra')],
    ['entities for nothing', 'html', fill('&#0;&#xD800;&#x110000;')],
    ['open headings', 'html', fill('<h1> ')],
  ];

  test.each(single)('given %s, then every tool answers within its bounds and soon', async (_name, format, text) => {
    const corpus = corpusOf([['a.md', format, text]]);
    const [read, search] = [createReadDocument({ corpus }), createSearchDocuments({ corpus })];
    const lineCount = corpus.documents.get('a.md')?.lines.length ?? 0;
    const longest = await longestSliceMs(async () => {
      for (const startLine of [1, Math.ceil(lineCount / 2), lineCount])
        expect(await outcomeOf(read, { path: 'a.md', startLine })).toMatchObject({ ok: true });
      expect(await outcomeOf(search, { query: 'needle xx \uFDFA' })).toMatchObject({ ok: true });
    });
    expect(longest).toBeLessThan(SLICE_MS_MAX);
  });

  test('given lines of two halves of characters, then no passage begins or ends within one', async () => {
    const corpus = corpusOf([['a.md', 'text', `x${fill('😀y')}`]]);
    const { passages = [] } = corpus.documents.get('a.md') ?? {};
    expect(passages.every(({ text }) => text.isWellFormed() && text.length <= PASSAGE_CHARS_MAX)).toBe(true);
    expect(passages.length).toBeGreaterThan(1_000);
  });
});

describe('a hundred thousand passages that all match', () => {
  const words = Array.from({ length: 24 }, (_, index) => `abc${index.toString(36)}`);
  const query = words.join(' ');
  let corpus: Corpus = { documents: new Map(), skipped: [] };
  let search: RunTool;

  beforeAll(() => {
    const text = `${query}\n\n`.repeat(10);
    corpus = corpusOf(Array.from({ length: 10_000 }, (_, index) => [`folder/${index}.md`, 'text', text] as const));
    search = createSearchDocuments({ corpus });
  });

  test('given a search for all of their words, then the process has its turns meanwhile', async () => {
    const longest = await longestSliceMs(async () => {
      const outcome = await outcomeOf(search, { query });
      expect(JSON.parse(outcome.ok ? outcome.content : '')).toMatchObject({ total: 100_000 });
    });
    expect(longest).toBeLessThan(SLICE_MS_MAX);
  });

  test('given many searches at once, then they do not add up', async () => {
    const longest = await longestSliceMs(async () => {
      await Promise.all([...words].map(async (word) => await outcomeOf(search, { query: word })));
    });
    expect(longest).toBeLessThan(SLICE_MS_MAX);
  });

  test('given a call that is aborted while it searches or waits for its turn, then it ends with the reason', async () => {
    const stop = new AbortController();
    const calls = ['first', 'second'].map(
      async (word) => await search({ query: `${query.slice(0, 90)} ${word}` }, { ...context, signal: stop.signal }),
    );
    const settled = Promise.allSettled(calls);
    await setImmediate();
    stop.abort(new Error('time is up'));
    expect((await settled).map((call) => call.status === 'rejected' && call.reason)).toEqual([
      new Error('time is up'),
      new Error('time is up'),
    ]);
    expect(await outcomeOf(search, { query: 'abc1' })).toMatchObject({ ok: true });
  });

  test('given a path that is like ten thousand others, then the process has its turns meanwhile', async () => {
    const folder = 'some/long/folder/name/'.repeat(40);
    const known = corpusOf(Array.from({ length: 10_000 }, (_, index) => [`${folder}${index}.md`, 'text', ''] as const));
    const read = createReadDocument({ corpus: known });
    const longest = await longestSliceMs(async () => {
      expect(await outcomeOf(read, { path: `${folder}x.md` })).toMatchObject({ ok: false });
    });
    expect(longest).toBeLessThan(SLICE_MS_MAX / 2);
  });
});

describe('expressions made to hurt', () => {
  test.each([
    ['open parentheses', '('.repeat(500)],
    ['signs', '-'.repeat(500)],
    ['powers of powers', `${'2^'.repeat(249)}2`],
    ['signs within parentheses', `${'(-'.repeat(60)}1`],
    ['a number of 500 digits', '9'.repeat(500)],
    ['a product without end', `${'1e308*'.repeat(83)}1`],
    ['arguments', `max(${'1,'.repeat(247)}1)`],
    ['points', `1${'.'.repeat(499)}`],
    ['exponents', '1e'.repeat(250)],
    ['half a character', `${' '.repeat(499)}\uD83D`],
    ['a NUL', `${'9'.repeat(499)}\u0000`],
  ])('given %s, then there is a value or a ToolError at once, in text that can be sent', async (_name, expression) => {
    const texts: string[] = [];
    const longest = await longestSliceMs(async () => {
      const outcome = await outcomeOf(createCalculate(), { expression });
      texts.push(outcome.ok ? outcome.content : outcome.message);
    });
    expect(longest).toBeLessThan(SLICE_MS_MAX);
    expect(texts.map((text) => text.isWellFormed())).toEqual([true]);
  });
});
