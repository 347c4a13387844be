import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { whileMeddling } from '../corpus/meddling.fixture.ts';
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

const notes = (): string => join(folder, 'notes.jsonl');
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
    const append = createAppendNote({ dataFolder: folder }, 100);
    await expect(append({ text: 'x' }, call('c1'))).rejects.toMatchObject({ name: 'ToolError', beforeEffect: true });
    expect(await notesIn(folder)).toHaveLength(90);
  });

  test.each([
    ['a link', 'cannot be opened (ELOOP)', async () => await symlink(join(folder, 'target'), notes())],
    [
      'a second name of another file',
      'is not a file of its own',
      async () => await link(join(folder, 'target'), notes()),
    ],
    ['a pipe that nobody reads', 'cannot be opened (ENXIO)', () => void execFileSync('mkfifo', [notes()])],
    ['a folder', 'cannot be opened (EISDIR)', async () => await mkdir(notes())],
  ])(
    'given %s in place of the file, then nothing is written and it is sure that nothing was',
    async (_, reason, plant) => {
      await writeFile(join(folder, 'target'), 'theirs');
      await plant();
      const refusal = await createAppendNote({ dataFolder: folder })({ text: 'x' }, call('c1')).catch(
        (error: unknown) => error,
      );
      expect(refusal).toBeInstanceOf(ToolError);
      expect(refusal).toMatchObject({ message: `No note was kept: the notes file ${reason}.`, beforeEffect: true });
      expect(await readFile(join(folder, 'target'), 'utf8')).toBe('theirs');
    },
  );

  test('given a pipe that somebody reads, then nothing comes out of it', async () => {
    execFileSync('mkfifo', [notes()]);
    const reader = openSync(notes(), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      await expect(createAppendNote({ dataFolder: folder })({ text: 'x' }, call('c1'))).rejects.toThrow(
        'No note was kept: the notes file is not a file of its own.',
      );
      expect(readSync(reader, Buffer.alloc(10))).toBe(0);
    } finally {
      closeSync(reader);
    }
  });

  test('given a data folder that cannot be made, then it is sure that nothing was written', async () => {
    await writeFile(join(folder, 'file'), '');
    const append = createAppendNote({ dataFolder: join(folder, 'file') });
    await expect(append({ text: 'x' }, call('c1'))).rejects.toMatchObject({ beforeEffect: true });
  });

  test('given a file that somebody swaps for a link all the time, then no note goes through the link', async () => {
    const outside = join(folder, 'outside.txt');
    await writeFile(outside, 'theirs');
    await mkdir(join(folder, 'data'));
    const path = join(folder, 'data', 'notes.jsonl');
    await writeFile(path, '');
    const append = createAppendNote({ dataFolder: join(folder, 'data') });
    let kept = 0;
    await whileMeddling({ kind: 'swap', path, outside }, async () => {
      for (let tried = 0; tried < 200; tried += 1)
        kept += await append({ text: 'x' }, call(`c${tried}`)).then(
          () => 1,
          () => 0,
        );
    });
    expect(kept).toBeGreaterThan(0);
    expect(await readFile(outside, 'utf8')).toBe('theirs');
  });

  test('given an empty or too long text, then it is refused', async () => {
    const refusal = { name: 'ToolError', beforeEffect: true };
    for (const text of ['', 'x'.repeat(2_001), 7])
      await expect(createAppendNote({ dataFolder: folder })({ text }, call('c1'))).rejects.toMatchObject(refusal);
  });
});
