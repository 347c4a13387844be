import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCS, Place } from './command.fixture.ts';

let place: Place;

beforeAll(async () => {
  place = await Place.make();
  writeFileSync(join(place.folder, 'file.md'), '# A file\n');
  mkdirSync(join(place.folder, 'pictures'));
  writeFileSync(join(place.folder, 'pictures', 'a.png'), 'x');
});

afterAll(async () => {
  await place.clear();
});

/** One sentence and no stack. */
function expectSentence(text: string, sentence: RegExp): void {
  expect(text).toMatch(sentence);
  expect(text).not.toMatch(/^\s+at /m);
  expect(text.trim().split('\n')).toHaveLength(1);
}

describe('npm start refuses', () => {
  it.for<[string, string[], RegExp]>([
    ['an empty goal', ['  '], /^The goal is empty/],
    ['a goal that is too long', ['x'.repeat(8_001)], /^The goal is not valid: .*at most 8000 characters/],
    ['a folder that does not exist', ['q', '--docs', 'nowhere'], /documents folder ".*nowhere" does not exist/],
    ['a file for a folder', ['q', '--docs', 'file.md'], /"\S*file\.md" is not a folder/],
    ['a folder without documents', ['q', '--docs', 'pictures'], /no Markdown, text or HTML document in .*\(\.png\)/],
    ['a port that is none', ['q', '--port', '70000'], /^error: option '--port <n>' argument '70000' is invalid/],
    ['a preset that is none', ['q', '--preset', 'huge'], /^error: option '--preset <size>'.*small, medium, large/],
    ['an option that is none', ['q', '--dcos', '.'], /^error: unknown option '--dcos'/],
  ])('%s with exit code 2 and one sentence', async ([, words, sentence]) => {
    const run = place.start(words);
    expect(await run.exited).toBe(2);
    expect(run.out).toBe('');
    // commander adds a suggestion on a line of its own.
    expectSentence(run.err.replace(/\n\(Did you mean .*\)/, ''), sentence);
  });

  it('a port in use with exit code 1, and leaves nothing running', async () => {
    const server = createServer().listen(place.port, '127.0.0.1');
    try {
      const run = place.start(['q', '--docs', DOCS, '--quiet']);
      expect(await run.exited).toBe(1);
      expectSentence(run.err, new RegExp(`^Port ${place.port} is in use\\..*--port`));
      expect(place.processes()).toEqual([]);
    } finally {
      server.close();
    }
  });

  it('a data folder that is a file with exit code 1', async () => {
    const run = place.start(['q', '--docs', DOCS, '--quiet', '--data', join(place.folder, 'file.md')]);
    expect(await run.exited).toBe(1);
    expectSentence(run.err, /^The data folder ".*file\.md" is a file/);
  });

  it('a policy that is not there with exit code 1', async () => {
    const run = place.start(['q', '--docs', DOCS, '--quiet'], { TROUPE_POLICY: 'none.yaml' });
    expect(await run.exited).toBe(1);
    expectSentence(run.err, /^The tool policy ".*none\.yaml" cannot be read/);
  });

  it('a policy that makes no sense with the words of the guard, and stops what it had started', async () => {
    writeFileSync(join(place.folder, 'policy.yaml'), 'version: "1"\nrules: nonsense\n');
    const run = place.start(['q', '--docs', DOCS, '--quiet'], { TROUPE_POLICY: join(place.folder, 'policy.yaml') });
    expect(await run.exited).toBe(1);
    expectSentence(run.err, /^The role policy-guard does not start: .*not a valid policy\. rules:/);
    expect(place.processes()).toEqual([]);
  });

  it('a provider without its key with the words of the gateway', async () => {
    const env = { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' };
    const run = place.start(['q', '--docs', DOCS, '--quiet', '--provider', 'openai'], env);
    expect(await run.exited).toBe(1);
    expectSentence(run.err, /^TROUPE_MODEL_PROVIDER is openai, which needs OPENAI_API_KEY/);
  });
});

describe('npm start --help', () => {
  it('tells every option and exit code on standard output', async () => {
    const run = place.start(['--help']);
    expect(await run.exited).toBe(0);
    const options = ['docs', 'port', 'data', 'sync', 'replicas', 'preset', 'revisions', 'deadline', 'provider'];
    for (const option of [...options, 'keep-running', 'quiet', 'help', 'version'])
      expect(run.out).toContain(`--${option}`);
    for (const code of [0, 1, 2, 3, 130]) expect(run.out).toMatch(new RegExp(`^  ${code} +\\S`, 'm'));
    expect(run.out).toContain('> report.md');
  });

  it('gives the version alone for --version', async () => {
    const run = place.start(['--version']);
    expect(await run.exited).toBe(0);
    expect(run.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
