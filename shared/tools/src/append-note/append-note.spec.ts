import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ToolError } from '../tool-error.ts';
import { createAppendNote } from './run.ts';
import { appendNote } from './spec.ts';

const run = '0197a3f0-0000-7000-8000-000000000001';
const call = (callId: string) => ({ callId, run, signal: new AbortController().signal });

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notes-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const notesIn = async (dataFolder: string): Promise<string> => await readFile(join(dataFolder, 'notes.jsonl'), 'utf8');

describe('append_note', () => {
  test('says that it is not idempotent', () => {
    expect(appendNote.idempotent).toBe(false);
  });

  test('given a note, then one line with its call, run and text is added and the folder is made', async () => {
    const dataFolder = join(folder, 'new', 'data');
    const output = await createAppendNote({ dataFolder })({ text: 'a "note"\nof two lines' }, call('c1'));
    expect(await notesIn(dataFolder)).toBe(`{"call":"c1","run":"${run}","text":"a \\"note\\"\\nof two lines"}\n`);
    expect(output).toEqual({ content: '{"appended":true,"call":"c1"}', evidence: [] });
  });

  test('given the same call twice, then there are two lines: keeping it to one is the work of the executor', async () => {
    const append = createAppendNote({ dataFolder: folder });
    await append({ text: 'x' }, call('c1'));
    await append({ text: 'x' }, call('c1'));
    expect((await notesIn(folder)).match(/"call":"c1"/g)).toHaveLength(2);
  });

  test('given many notes at once, then every line is whole', async () => {
    const append = createAppendNote({ dataFolder: folder });
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => await append({ text: 'é'.repeat(2_000) }, call(`c${index}`))),
    );
    const calls = (await notesIn(folder))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).call);
    expect(new Set(calls).size).toBe(40);
  });

  test('given a call that is already aborted, then nothing is written', async () => {
    const append = createAppendNote({ dataFolder: folder });
    await expect(
      append({ text: 'x' }, { ...call('c1'), signal: AbortSignal.abort(new Error('stop')) }),
    ).rejects.toThrow('stop');
    await expect(notesIn(folder)).rejects.toThrow('ENOENT');
  });

  test('given a full file, then the model is told and the file stays as it is', async () => {
    await writeFile(join(folder, 'notes.jsonl'), 'x'.repeat(90));
    await expect(createAppendNote({ dataFolder: folder }, 100)({ text: 'x' }, call('c1'))).rejects.toThrow(ToolError);
    expect(await notesIn(folder)).toHaveLength(90);
  });

  test('given a link in place of the file, then it is not followed and the fault is not shown to the model', async () => {
    await writeFile(join(folder, 'target'), '');
    await symlink(join(folder, 'target'), join(folder, 'notes.jsonl'));
    const refusal = await createAppendNote({ dataFolder: folder })({ text: 'x' }, call('c1')).catch(
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({ code: 'ELOOP' });
    expect(refusal).not.toBeInstanceOf(ToolError);
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('');
  });

  test('given an empty or too long text, then it is refused', async () => {
    for (const text of ['', 'x'.repeat(2_001), 7]) {
      await expect(createAppendNote({ dataFolder: folder })({ text }, call('c1'))).rejects.toThrow(ToolError);
    }
  });
});
