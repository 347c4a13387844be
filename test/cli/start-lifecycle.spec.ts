import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DOCS, Place } from './command.fixture.ts';

const SLOW = { TROUPE_MODEL_PROVIDER: 'scripted', TROUPE_SCRIPTED_LATENCY_MS: '700', TROUPE_DRAIN_MS: '100' };
const FAST = { TROUPE_MODEL_PROVIDER: 'scripted' };
const GOAL = ['What is a durable log?', '--docs', DOCS];

let place: Place;

beforeEach(async () => {
  place = await Place.make();
});

afterEach(async () => {
  await place.clear();
});

const runOf = (text: string): string | undefined => /Run +([0-9a-f-]{36})/.exec(text)?.[1];

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 15_000; !isSo();) {
    if (Date.now() > deadline) throw new Error('it did not happen within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe('a run that Ctrl-C interrupts', () => {
  it('goes on at the next start, also when the signal came twice, and its report is printed', async () => {
    const first = place.start(GOAL, SLOW);
    await first.said(/researcher "Task r1"/);
    first.child.kill('SIGINT');
    first.child.kill('SIGINT');
    expect(await first.exited).toBe(130);
    expect(first.out).toBe('');
    expect(first.err).toContain('one run is not finished and goes on at the next start');
    expect(place.processes()).toEqual([]);

    const second = place.start(GOAL, FAST);
    expect(await second.exited).toBe(0);
    expect(second.err).toContain(`Goes on    ${runOf(first.err)}`);
    expect(second.err).toMatch(new RegExp(`^Run +${runOf(first.err)}$`, 'm'));
    expect(second.err).not.toContain('plans');
    expect(second.out).toMatch(/^# Scripted report/);
  });
});

describe('a launcher that is killed', () => {
  it('takes its role processes with it, and the next start stops the server it left and finishes the run', async () => {
    const first = place.start(GOAL, SLOW);
    await first.said(/researcher "Task r1"/);
    first.child.kill('SIGKILL');
    await first.exited;
    await until(() => place.processes().length === 1);

    const second = place.start(GOAL, FAST);
    expect(await second.exited).toBe(0);
    expect(second.err).toContain('A NATS server that an earlier start had left behind was stopped first.');
    expect(second.err).toContain(`Goes on    ${runOf(first.err)}`);
    expect(place.processes()).toEqual([]);
  });
});
