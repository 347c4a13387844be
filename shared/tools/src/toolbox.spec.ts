import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ToolOutcome } from '@troupe/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadCorpus } from './corpus/load-corpus.ts';
import { createToolbox } from './toolbox.ts';
import type { Toolbox } from './toolbox.ts';
import { ToolError } from './tool-error.ts';
import { toolSpecs } from './tool-specs.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures');
const context = { callId: 'c1', run: '0197a3f0-0000-7000-8000-000000000001', signal: new AbortController().signal };
const Naughty = z.object({ text: z.string() });

let dataFolder = '';
let toolbox: Toolbox;

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'toolbox-'));
  toolbox = createToolbox({ corpus: await loadCorpus(join(FIXTURES, 'docs')), dataFolder });
});

afterAll(async () => {
  await rm(dataFolder, { recursive: true, force: true });
});

/** The outcome as the executor would send it; only what is no ToolError gets out. */
async function outcomeOf(name: string, args: unknown): Promise<ToolOutcome> {
  try {
    const { content, evidence } = await toolbox.run(name, args, context);
    return ToolOutcome.parse({ ok: true, content, evidence: evidence.map((found) => ({ ...found, seal: 'seal' })) });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return ToolOutcome.parse({ ok: false, kind: 'failed', message: error.message });
  }
}

async function naughtyTexts(): Promise<string[]> {
  const file = await readFile(join(FIXTURES, 'naughty-strings/strings.jsonl'), 'utf8');
  return file
    .trimEnd()
    .split('\n')
    .map((line) => Naughty.parse(JSON.parse(line)).text);
}

describe('the toolbox', () => {
  test('given every tool of the registry, then it runs', async () => {
    const args: Record<string, unknown> = {
      search_documents: { query: 'ferry' },
      read_document: { path: 'budget.md' },
      calculate: { expression: '19750 - 18400' },
      append_note: { text: 'x' },
    };
    for (const name of Object.keys(toolSpecs)) expect(await outcomeOf(name, args[name])).toMatchObject({ ok: true });
  });

  test('given a name that is no tool, then the model is told which there are', async () => {
    for (const name of ['rm', '', 'constructor', '__proto__', 'x'.repeat(5_000)]) {
      const refusal = await outcomeOf(name, {});
      expect(refusal).toMatchObject({
        ok: false,
        message: expect.stringContaining('Tools: search_documents, read_document, calculate, append_note.'),
      });
    }
  });

  test('given an aborted signal, then its reason is thrown and not a ToolError', async () => {
    const signal = AbortSignal.abort(new Error('deadline'));
    await expect(toolbox.run('calculate', { expression: '1' }, { ...context, signal })).rejects.toThrow('deadline');
  });

  test('given every naughty string as query, path, expression, tool or arguments, then there is a result or a ToolError', async () => {
    const texts = await naughtyTexts();
    expect(texts.length).toBeGreaterThan(400);
    for (const text of texts) {
      expect(await outcomeOf('search_documents', { query: ` ${text}`.slice(0, 400) })).toMatchObject({ ok: true });
      expect(await outcomeOf('read_document', { path: text })).toMatchObject({ ok: false });
      expect(await outcomeOf(text, { expression: '1' })).toMatchObject({ ok: false });
      expect(await outcomeOf('calculate', text)).toMatchObject({ ok: false });
      expect(await outcomeOf('calculate', { [text]: text })).toMatchObject({ ok: false });
      const calculated = await outcomeOf('calculate', { expression: text });
      const value: unknown = calculated.ok ? JSON.parse(calculated.content).value : 0;
      expect(Number.isFinite(value)).toBe(true);
    }
  });

  test('given naughty strings as notes, then each is one line that reads back the same', async () => {
    // Every note is flushed to disk, so not all of them.
    const some = (await naughtyTexts()).filter((_, index) => index % 16 === 1);
    for (const text of some) expect(await outcomeOf('append_note', { text })).toMatchObject({ ok: true });
    const lines = (await readFile(join(dataFolder, 'notes.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.slice(-some.length).map((line) => JSON.parse(line).text)).toEqual(some);
  });
});
