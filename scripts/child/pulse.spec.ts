import { describe, expect, it } from 'vitest';
import { hangs } from './pulse.ts';

const HUNG_MS = 60;

/** Answers as the list says, then for ever as its last word says. */
function answering(...answers: boolean[]) {
  let asked = 0;
  const isAlive = (): Promise<boolean> => Promise.resolve(answers[Math.min(asked++, answers.length - 1)] ?? true);
  return { isAlive, asked: () => asked };
}

describe('watching whether a process answers', () => {
  it('takes six questions without an answer, one after the other, for a process that hangs', async () => {
    const process = answering(true, true, false);
    expect(await hangs(process.isAlive, () => false, HUNG_MS)).toBe(true);
    expect(process.asked()).toBe(8);
  });

  it('begins to count again at each answer', async () => {
    const process = answering(false, false, false, false, false, true, false, false, false, false, false, true, false);
    expect(await hangs(process.isAlive, () => false, HUNG_MS)).toBe(true);
    expect(process.asked()).toBe(18);
  });

  it('asks with a whole number of milliseconds, whatever the bound', async () => {
    const asked: number[] = [];
    const isAlive = (timeoutMs: number) => Promise.resolve(asked.push(timeoutMs) < 0);
    expect(await hangs(isAlive, () => false, 100)).toBe(true);
    expect(asked).toEqual(Array.from({ length: 6 }, () => 17));
  });

  it('ends without a word when the process has ended', async () => {
    const process = answering(false);
    expect(await hangs(process.isAlive, () => process.asked() === 3, HUNG_MS)).toBe(false);
  });
});
