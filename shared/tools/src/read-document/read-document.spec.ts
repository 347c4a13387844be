import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVIDENCE_MAX, Evidence, PASSAGE_CHARS_MAX, TOOL_CONTENT_CHARS_MAX } from '@troupe/contract';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Corpus } from '../corpus/corpus.ts';
import { documentOf } from '../corpus/document.ts';
import { loadCorpus } from '../corpus/load-corpus.ts';
import { ToolError } from '../tool-error.ts';
import { createReadDocument } from './run.ts';

const DOCS = join(import.meta.dirname, '../../../../test/fixtures/docs');
const context = { callId: 'c1', run: '0197a3f0-0000-7000-8000-000000000001', signal: new AbortController().signal };
const samples = await loadCorpus(DOCS);

const Content = z.strictObject({
  path: z.string(),
  startLine: z.int(),
  endLine: z.int(),
  lineCount: z.int(),
  text: z.string(),
  passages: z.array(z.strictObject({ startLine: z.int(), endLine: z.int() })),
  more: z.string().optional(),
});

async function read(corpus: Corpus, args: Record<string, unknown>) {
  const { content, evidence } = await createReadDocument({ corpus })(args, context);
  expect(content.length).toBeLessThanOrEqual(TOOL_CONTENT_CHARS_MAX);
  expect(evidence.length).toBeLessThanOrEqual(EVIDENCE_MAX);
  expect(z.array(Evidence).safeParse(evidence).success).toBe(true);
  const parsed = Content.parse(JSON.parse(content));
  expect(parsed.passages).toEqual(evidence.map(({ startLine, endLine }) => ({ startLine, endLine })));
  return { ...parsed, evidence };
}

const corpusOf = (path: string, text: string): Corpus => ({
  documents: new Map([[path, documentOf(path, 'text', text)]]),
  skipped: [],
});
const numbered = (count: number, text: (line: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index + 1)).join('\n');

describe('read_document', () => {
  test('given a document, then all of its lines come with their numbers, and its passages as evidence', async () => {
    const file = (await readFile(join(DOCS, 'fleet/maintenance.txt'), 'utf8')).trimEnd().split('\n');
    const result = await read(samples, { path: 'fleet/maintenance.txt' });
    expect(result.text).toBe(file.map((line, index) => `${index + 1}: ${line}`).join('\n'));
    expect(result).toMatchObject({ startLine: 1, endLine: file.length, lineCount: file.length });
    expect(result.more).toBeUndefined();
    for (const { startLine, endLine, text } of result.evidence)
      expect(text).toBe(file.slice(startLine - 1, endLine).join('\n'));
  });

  test('given a range, then exactly its lines, and passages clipped to it', async () => {
    const result = await read(samples, { path: 'fleet/battery-ferries.md', startLine: 8, endLine: 12 });
    expect(result.text.split('\n').map((line) => line.split(':')[0])).toEqual(['8', '9', '10', '11', '12']);
    expect(result.passages).toEqual([
      { startLine: 8, endLine: 10 },
      { startLine: 12, endLine: 12 },
    ]);
    expect(result.evidence[1]?.text).toBe(
      'A diesel generator of 600 kilowatts is kept on board for emergencies. It started eleven times last year,',
    );
    expect(result.more).toBe('Lines 13 to 45 follow: go on with startLine 13.');
  });

  test('given an end beyond the document, then it is read to its end', async () => {
    expect(await read(corpusOf('a.txt', 'one\ntwo'), { path: 'a.txt', startLine: 2, endLine: 99 })).toMatchObject({
      text: '2: two',
      endLine: 2,
    });
  });

  test('given an empty document, then there is no text and no evidence', async () => {
    expect(await read(corpusOf('a.txt', ''), { path: 'a.txt' })).toMatchObject({
      text: '',
      endLine: 0,
      lineCount: 0,
      evidence: [],
    });
  });

  test.each([
    ['long lines', numbered(500, () => 'word '.repeat(60))],
    ['many short lines', numbered(1_000, (line) => `line ${line}`)],
    ['many short paragraphs', numbered(999, (line) => (line % 2 === 0 ? '' : `paragraph ${line}`))],
    ['nothing but quotes and backslashes', numbered(300, () => 'a"\\'.repeat(100))],
    ['control characters', numbered(300, () => 'a\u0001\u0002'.repeat(90))],
  ])(
    'given a large document of %s, then reading on from "more" gives every line once and every passage as evidence',
    async (_, text) => {
      const corpus = corpusOf('a.txt', text);
      const lines: string[] = [];
      const evidence: string[] = [];
      for (let startLine = 1; ;) {
        const result = await read(corpus, { path: 'a.txt', startLine });
        expect(result.endLine - result.startLine).toBeLessThan(200);
        lines.push(...result.text.split('\n').map((line) => line.replace(/^\d+: /, '')));
        evidence.push(...result.evidence.map((passage) => passage.text));
        const next = /startLine (\d+)/.exec(result.more ?? '')?.[1];
        if (next === undefined) break;
        expect(Number(next)).toBe(result.endLine + 1);
        startLine = Number(next);
      }
      expect(lines.join('\n')).toBe(text);
      expect(evidence.join('\n').replace(/\n+/g, '\n')).toBe(text.replace(/\n+/g, '\n'));
    },
  );

  test('given one line too long to show, then it is cut, the model is told, and evidence is only what it was shown', async () => {
    const result = await read(corpusOf('a.txt', `${'word '.repeat(10_000)}\nlast`), { path: 'a.txt' });
    expect(result).toMatchObject({ startLine: 1, endLine: 1, lineCount: 2 });
    expect(result.more).toBe(
      'Line 1 is longer than can be shown; search_documents finds the rest of it. Lines 2 to 2 follow: go on with startLine 2.',
    );
    expect(result.evidence.length).toBeGreaterThan(5);
    expect(result.evidence.every(({ text }) => result.text.includes(text) && text.length <= PASSAGE_CHARS_MAX)).toBe(
      true,
    );
    expect(
      await read(corpusOf('a.txt', `${'word '.repeat(10_000)}\nlast`), { path: 'a.txt', startLine: 2 }),
    ).toMatchObject({ text: '2: last' });
  });

  test('given the longest path there can be, then the content stays within its bound', async () => {
    const path = `${'"'.repeat(500)}.txt`;
    const corpus = corpusOf(
      path,
      numbered(400, () => 'word '.repeat(60)),
    );
    expect((await read(corpus, { path })).endLine).toBeGreaterThan(20);
  });

  test('given a path close to a known one, then the error names it', async () => {
    await expect(read(samples, { path: 'battery-ferries.md' })).rejects.toThrow(
      'Close to it: "fleet/battery-ferries.md"',
    );
    await expect(read(samples, { path: 'passengers/refund.html' })).rejects.toThrow('"passengers/refunds.html"');
    await expect(read(samples, { path: 'qqq' })).rejects.toThrow('Use search_documents to find paths.');
  });

  test.each([
    '../docs/budget.md',
    './budget.md',
    'fleet/../budget.md',
    '/etc/passwd',
    join(DOCS, 'budget.md'),
    'budget.md\0',
    'budget.md/',
    'fleet',
    'BUDGET.MD',
    'fleet\\maintenance.txt',
    'file:///etc/passwd',
    '__proto__',
    'constructor',
    'x'.repeat(1_024),
  ])('given the path %j, which is in no corpus, then it is refused', async (path) => {
    await expect(read(samples, { path })).rejects.toThrow(ToolError);
    await expect(read(samples, { path })).rejects.toThrow('There is no document');
  });

  test.each([
    [{ startLine: 99 }, 'has only 37 lines'],
    [{ startLine: 5, endLine: 4 }, 'endLine 4 is before startLine 5'],
    [{ startLine: 0 }, 'startLine'],
    [{ startLine: 1.5 }, 'startLine'],
    [{ endLine: 1e9 }, 'endLine'],
    [{ encoding: 'utf8' }, 'encoding'],
    [{ path: '' }, 'path'],
    [{ path: 'x'.repeat(1_025) }, 'path'],
  ])('given the arguments %j, then the model is told %j', async (args, message) => {
    await expect(read(samples, { path: 'budget.md', ...args })).rejects.toThrow(ToolError);
    await expect(read(samples, { path: 'budget.md', ...args })).rejects.toThrow(message);
  });
});
