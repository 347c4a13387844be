import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Command, DOCS, Place } from './command.fixture.ts';

const GOAL = 'What is a durable log?';

let place: Place;
let company: Command;

beforeAll(async () => {
  place = await Place.make();
  const env = { TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_DRAIN_MS: '100' };
  company = place.start(['--no-example', '--docs', DOCS], env);
  await company.said(/Troupe is up/);
});

afterAll(async () => {
  await place.clear();
});

async function create(...words: string[]): Promise<string> {
  const command = place.troupe('run', ...words, '--no-wait');
  expect(await command.exited).toBe(0);
  return command.out.trim();
}

describe('troupe run', () => {
  it('shows the progress, prints the report alone on standard output, and exits with 0', async () => {
    const command = place.troupe('run', GOAL);
    expect(await command.exited).toBe(0);
    expect(command.out).toMatch(/^# Scripted report/);
    expect(command.err).toMatch(/supervisor +run +plans 3 tasks: 2 × researcher, 1 × writer \(\d+ ms, 120 tokens\)/);
    expect(command.err).toMatch(/Status +completed\nMessages +\d+ durable messages/);
    // Whoever started Troupe sees goals of others too.
    expect(company.err).toContain(`"${GOAL}"`);
  });

  it('gives the result as JSON', async () => {
    const command = place.troupe('run', GOAL, '--json', '--quiet');
    expect(await command.exited).toBe(0);
    expect(JSON.parse(command.out)).toMatchObject({
      status: 'completed',
      goal: GOAL,
      spent: { modelCalls: expect.any(Number) },
    });
    expect(command.err).toBe('');
  });

  it('starts no second run for the same --id', async () => {
    const [first, second] = [await create(GOAL, '--id', 'twice'), await create(GOAL, '--id', 'twice')];
    expect(second).toBe(first);
    const listed = place.troupe('runs', '--json');
    await listed.exited;
    expect(JSON.parse(listed.out).filter(({ run }: { run: string }) => run === first)).toHaveLength(1);
  });

  it('is found by the id that its goal was published with', async () => {
    const run = await create(GOAL, '--id', 'my-own-report-7');
    const [watched, unknown] = [place.troupe('watch', 'my-own-report-7'), place.troupe('show', 'my-own-report-8')];
    expect(await watched.exited).toBe(0);
    expect(await unknown.exited).toBe(2);
    expect(unknown.err).toMatch(/^No goal was published with the id "my-own-report-8"/);
    const shown = place.troupe('show', 'my-own-report-7', '--json');
    await shown.exited;
    expect(JSON.parse(shown.out)[0]).toMatchObject({ run });
  });

  it('is not guessed when its id is how others begin, too', async () => {
    const run = await create(GOAL);
    const start = run.slice(0, 6);
    await create(GOAL, '--id', start);
    const command = place.troupe('cancel', start);
    expect(await command.exited).toBe(2);
    expect(command.err).toMatch(new RegExp(`^\\d+ runs are meant by "${start}"`));
  });

  it('refuses an empty goal with exit code 2', async () => {
    const command = place.troupe('run', ' ');
    expect(await command.exited).toBe(2);
    expect(command.err).toMatch(/^The goal is empty/);
  });
});

describe('a finished run', () => {
  let run: string;

  beforeAll(async () => {
    run = await create(GOAL);
    await place.troupe('watch', run).exited;
  });

  it('is in the list of runs', async () => {
    const command = place.troupe('runs', '--since', '1h');
    expect(await command.exited).toBe(0);
    expect(command.out).toMatch(
      new RegExp(`^${run}  (just now|.* ago)  +completed .* tokens +What is a durable log\\?$`, 'm'),
    );
  });

  it('is shown in order by a prefix of its ID, each message after its cause', async () => {
    const command = place.troupe('show', run.slice(0, 30), '--json');
    expect(await command.exited).toBe(0);
    const messages = JSON.parse(command.out) as { id: string; cause: string; seq: number; type: string }[];
    expect(messages.at(-1)?.type).toBe('run.ended');
    const places = new Map(messages.map(({ id }, index) => [id, index]));
    messages.forEach(({ cause, seq }, index) => {
      expect(places.get(cause) ?? -1).toBeLessThan(index);
      expect(messages[index - 1]?.seq ?? 0).toBeLessThan(seq);
    });
  });

  it('is shown as a table with sender, recipient, task, type, cause and the cost of the model', async () => {
    const command = place.troupe('show', run);
    expect(await command.exited).toBe(0);
    expect(command.out).toMatch(
      /^ *\d+\.\d{3} s  researcher → policy-guard +t1 +tool\.requested +search_documents "durable log"  \[researcher\.t1\.0 ← supervisor\.t1\.0, scripted 100\+20 tokens\]$/m,
    );
    const full = place.troupe('show', run, '--full');
    await full.exited;
    expect(full.out).toContain('    # Scripted report');
    expect(command.out).not.toContain('    # Scripted report');
  });

  it('gives its report again, with the exit code of the run', async () => {
    const command = place.troupe('result', run);
    expect(await command.exited).toBe(0);
    expect(command.out).toMatch(/^# Scripted report/);
  });

  it('is watched from any position on that it was shown with', async () => {
    const shown = place.troupe('show', run, '--json');
    await shown.exited;
    const messages = JSON.parse(shown.out) as { position: string; seq: number }[];
    expect(messages.map(({ position }) => position)).toEqual(messages.map(({ seq }) => `0:${seq}`));
    const whole = place.troupe('watch', run);
    await whole.exited;
    const linesAfter = async (position = '') => {
      const watched = place.troupe('watch', run, '--after', position);
      expect(await watched.exited).toBe(0);
      expect(watched.out).toMatch(/^# Scripted report/);
      return watched.err;
    };
    expect(whole.err).toContain('plans 3 tasks');
    const rest = await linesAfter(messages[12]?.position);
    expect(rest).not.toContain('plans 3 tasks');
    expect(rest).toMatch(/supervisor +run +completed/);
    // The same words as for who saw all of it: times and titles come from what was before.
    expect(whole.err.split('\n').slice(-rest.split('\n').length)).toEqual(rest.split('\n'));
    expect(await linesAfter(messages.at(-1)?.position)).not.toMatch(/supervisor +run +completed/);
    const elsewhere = place.troupe('watch', run, '--after', '5:1');
    expect(await elsewhere.exited).toBe(2);
    expect(elsewhere.err).toMatch(/^The position 5:1 is not one of the run/);
  });

  it('cannot be cancelled', async () => {
    const command = place.troupe('cancel', run);
    expect(await command.exited).toBe(1);
    expect(command.err).toContain('has ended already: completed');
  });
});

describe('troupe explains in one sentence', () => {
  it.for<[string, string[], number, RegExp]>([
    ['a run that is not there', ['show', 'ffff-ffff'], 1, /^There is no run ffff-ffff\./],
    ['a name that is no run ID', ['result', 'my-run'], 2, /^No goal was published with the id "my-run"/],
    ['a name that means several runs', ['show', '0'], 2, /^\d+ runs are meant by "0"/],
    ['a position that is none', ['watch', '0', '--after', '7'], 2, /^error: option '--after <position>'/],
    ['a position of no run', ['watch', '--after', '0:7'], 2, /^A position is one of a run/],
    ['a time span that is none', ['runs', '--since', 'soon'], 2, /^error: option '--since <span>'/],
  ])('%s', async ([, words, code, sentence]) => {
    const command = place.troupe(...words);
    expect(await command.exited).toBe(code);
    expect(command.err).toMatch(sentence);
    expect(command.err.trim().split('\n')).toHaveLength(1);
    expect(command.out).toBe('');
  });

  it('a second Troupe on the same data folder, and leaves the first one alone', async () => {
    const second = place.start(['--no-example', '--docs', DOCS, '--quiet']);
    expect(await second.exited).toBe(1);
    expect(second.err).toMatch(/^Troupe runs on the data folder .* already \(process \d+\)/);
    expect(await place.troupe('runs').exited).toBe(0);
  });

  it('a Troupe that is not up', async () => {
    const elsewhere = await Place.make();
    const command = elsewhere.troupe('runs');
    expect(await command.exited).toBe(1);
    expect(command.err).toMatch(/^There are no credentials in .*npm start/);
    await elsewhere.clear();
  });
});
