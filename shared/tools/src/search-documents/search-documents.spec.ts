import { join } from 'node:path';
import { EVIDENCE_MAX, Evidence, PASSAGE_CHARS_MAX, TOOL_CONTENT_CHARS_MAX } from '@troupe/contract';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Corpus } from '../corpus/corpus.ts';
import { documentOf } from '../corpus/document.ts';
import { loadCorpus } from '../corpus/load-corpus.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolOutput } from '../tool-runner.ts';
import { createSearchDocuments } from './run.ts';

const context = { callId: 'c1', run: '0197a3f0-0000-7000-8000-000000000001', signal: new AbortController().signal };
const samples = await loadCorpus(join(import.meta.dirname, '../../../../test/fixtures/docs'));
const searchSamples = createSearchDocuments({ corpus: samples });

const Content = z.strictObject({
  results: z.array(Evidence.extend({ score: z.number().positive() }).strict()),
  total: z.int().nonnegative(),
});
const contentOf = (output: ToolOutput) => Content.parse(JSON.parse(output.content));
const placesOf = (output: ToolOutput): string[] =>
  output.evidence.map(({ path, startLine, endLine }) => `${path}:${startLine}-${endLine}`);

function corpusOf(files: Record<string, string>): Corpus {
  return {
    documents: new Map(Object.entries(files).map(([path, text]) => [path, documentOf(path, 'markdown', text)])),
    skipped: [],
  };
}

async function search(files: Record<string, string>, query: string, limit?: number): Promise<ToolOutput> {
  return await createSearchDocuments({ corpus: corpusOf(files) })(
    limit === undefined ? { query } : { query, limit },
    context,
  );
}

describe('search_documents', () => {
  test.each([
    ['How large is the battery in kilowatt-hours?', 'fleet/battery-ferries.md:6-10'],
    ['diesel litres saved', 'fleet/battery-ferries.md:37-41'],
    ['who releases a vessel after the yard', 'fleet/maintenance.txt:19-20'],
    ['refund paid within days', 'passengers/refunds.html:14-17'],
    ['cafe voucher', 'passengers/refunds.html:28-30'],
    ['wind limit for sailing', 'incidents/storm-review.md:7-10'],
    ['batery guarante', 'fleet/battery-ferries.md:43-45'],
    ['reserves', 'budget.md:33-37'],
  ])('given %j, then %s is the best passage', async (query, best) => {
    expect(placesOf(await searchSamples({ query }, context))[0]).toBe(best);
  });

  test('given results, then content and evidence are the same passages, best first, at most as many as asked for', async () => {
    for (const limit of [1, 3, 12]) {
      const output = await searchSamples({ query: 'ferry battery crossing passengers', limit }, context);
      const { results, total } = contentOf(output);
      expect(results.map(({ score: _, ...evidence }) => evidence)).toEqual(output.evidence);
      expect(results).toHaveLength(limit);
      expect(total).toBeGreaterThan(12);
      expect(results.map(({ score }) => score)).toEqual(results.map(({ score }) => score).toSorted((a, b) => b - a));
    }
  });

  test('given no limit, then six passages are returned', async () => {
    expect((await searchSamples({ query: 'ferry battery crossing' }, context)).evidence).toHaveLength(6);
  });

  test('given the same question again, then the answer is the same and is no shared object', async () => {
    const first = await searchSamples({ query: 'diesel' }, context);
    const second = await searchSamples({ query: 'diesel' }, context);
    expect(second).toEqual(first);
    first.evidence.length = 0;
    expect((await searchSamples({ query: 'diesel' }, context)).evidence).toEqual(second.evidence);
  });

  test('given no match, stop words only, or an empty corpus, then the answer is empty', async () => {
    const empty = { content: '{"results":[],"total":0}', evidence: [] };
    expect(await searchSamples({ query: 'xylophone' }, context)).toEqual(empty);
    expect(await searchSamples({ query: 'what is the' }, context)).toEqual(empty);
    expect(await search({}, 'anything')).toEqual(empty);
  });

  test('given equal passages, then they come in the order of path and line', async () => {
    const output = await search({ 'a.md': 'same\n\nsame', 'b.md': 'same\n\nsame' }, 'same');
    expect(placesOf(output)).toEqual(['a.md:1-1', 'a.md:3-3', 'b.md:1-1', 'b.md:3-3']);
  });

  test('given a word in a heading and the same word in a text, then the passage under the heading is better', async () => {
    const output = await search({ 'a.md': 'the tariff is here\n\n# Tariff\n\nfirst', 'b.md': 'other' }, 'tariff');
    expect(placesOf(output)).toEqual(['a.md:3-5', 'a.md:1-1']);
  });

  test('given the beginning of a word, then the word is found; given another number, then it is not', async () => {
    expect(placesOf(await search({ 'a.md': 'electrification' }, 'electrif'))).toHaveLength(1);
    expect(placesOf(await search({ 'a.md': 'in 120001 boxes' }, '120002'))).toHaveLength(0);
  });

  test('given a line of many pieces, then it is cited once, by the piece that matches best', async () => {
    const output = await search({ 'a.md': `${'filler needle '.repeat(200)}needle haystack` }, 'haystack needle');
    expect(placesOf(output)).toEqual(['a.md:1-1']);
    expect(output.evidence[0]?.text).toContain('haystack');
    expect(contentOf(output).total).toBeGreaterThan(1);
  });

  test('given words that are names in JavaScript, then they are words', async () => {
    for (const word of ['constructor', '__proto__', 'prototype', 'valueOf', 'hasOwnProperty']) {
      expect(placesOf(await search({ 'a.md': `the ${word} of it` }, word))).toEqual(['a.md:1-1']);
      expect(placesOf(await search({ 'a.md': 'nothing' }, word))).toEqual([]);
    }
  });

  test('given the largest passages, full of quotes, then the content stays within its bound and has the best of them', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`${index}.md`, `needle ${'"'.repeat(PASSAGE_CHARS_MAX - 7)}`]),
    );
    const output = await search(files, 'needle', 12);
    expect(output.content.length).toBeLessThanOrEqual(TOOL_CONTENT_CHARS_MAX);
    expect(contentOf(output).results).toHaveLength(output.evidence.length);
    expect(output.evidence.length).toBeGreaterThan(4);
    expect(output.evidence.length).toBeLessThanOrEqual(EVIDENCE_MAX);
  });

  test('given a query of nothing but different words, then it is answered', async () => {
    const query = Array.from({ length: 400 }, (_, index) => index.toString(36))
      .join(' ')
      .slice(0, 400);
    expect(contentOf(await searchSamples({ query }, context)).total).toBeGreaterThanOrEqual(0);
  });

  test.each([
    {},
    { query: '' },
    { query: 'x'.repeat(401) },
    { query: 'x', limit: 0 },
    { query: 'x', limit: 13 },
    { query: 'x', limit: 1.5 },
    { query: 'x', path: 'y' },
    [],
    null,
  ])('given the arguments %j, then they are refused', async (args) => {
    await expect(searchSamples(args, context)).rejects.toThrow(ToolError);
  });
});
