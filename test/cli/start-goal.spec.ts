import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DOCS, Place } from './command.fixture.ts';

let place: Place;

beforeEach(async () => {
  place = await Place.make();
});

afterEach(async () => {
  await place.clear();
});

const SCRIPTED = { TROUPE_MODEL_PROVIDER: 'scripted' };

/** Documents in which the scripted model's query finds something. */
function writeDocs(): string {
  const docs = join(place.folder, 'notes');
  mkdirSync(docs);
  writeFileSync(join(docs, 'log.md'), '# The log\n\nThe durable log keeps every message.\n');
  return docs;
}

describe('npm start with a goal', () => {
  it('prints the report alone on standard output, every citation leads to lines that are there, and it exits with 0', async () => {
    const run = place.start(['How do battery ferries perform in storms?', '--docs', DOCS, '--provider', 'offline']);
    expect(await run.exited).toBe(0);

    const [text = '', sources = ''] = run.out.split('\n## Sources\n');
    expect(run.out).toMatch(/^# /);
    const cited = new Set([...text.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number)));
    expect(cited.size).toBeGreaterThan(0);
    const lines = sources.trim().split('\n');
    expect(lines).toHaveLength(cited.size);
    lines.forEach((line, index) => {
      const [, number, path = '', start, end] = /^\[(\d+)\] (.+):(\d+)(?:-(\d+))?$/.exec(line) ?? [];
      expect(Number(number)).toBe(index + 1);
      expect(cited).toContain(index + 1);
      const last = readFileSync(join(DOCS, path), 'utf8').trimEnd().split('\n').length;
      expect(Number(start)).toBeGreaterThan(0);
      expect(Number(end ?? start)).toBeLessThanOrEqual(last);
    });

    expect(run.err).toMatch(/researcher +t1 +search_documents ".*" → \d+ passages? \(/);
    expect(run.err).toMatch(/Status +completed\nMessages +\d+ durable messages\nModels +\d+ calls \(offline/);
    expect(place.processes()).toEqual([]);
  });

  it('exits with 3 when the deadline leaves a partial report, and still prints it', async () => {
    const words = ['What is a durable log?', '--docs', writeDocs(), '--deadline', '2'];
    const run = place.start(words, { ...SCRIPTED, TROUPE_SCRIPTED_LATENCY_MS: '450' });
    expect(await run.exited).toBe(3);
    expect(run.out).toMatch(/## Sources\n\n\[1\] log\.md:/);
    expect(run.err).toMatch(/Status +partial\nReason +\S/);
  });

  it('exits with 1 and says why when the run fails, with nothing on standard output', async () => {
    const words = ['Too slow', '--docs', DOCS, '--deadline', '1', '--quiet'];
    const run = place.start(words, { ...SCRIPTED, TROUPE_SCRIPTED_LATENCY_MS: '60000', TROUPE_DRAIN_MS: '100' });
    expect(await run.exited).toBe(1);
    expect(run.out).toBe('');
    expect(run.err).toMatch(/^The run failed: \S.*\n$/);
  });

  it('reads relative folders from where npm was called', async () => {
    writeDocs();
    const run = place.start(['What is a durable log?', '--docs', './notes'], { ...SCRIPTED, INIT_CWD: place.folder });
    expect(await run.exited).toBe(0);
    expect(run.out).toContain('[1] log.md:');
  });
});
