import { setTimeout as sleep } from 'node:timers/promises';
import { decode } from '@troupe/contract';
import type { Stored } from '@troupe/audit';
import { goalText, type Publisher } from '../publisher.ts';
import { LEAVING_SOON, type Scenario } from '../scenario.ts';

/** Options that would end the run early, or without a revision, if they were heard. */
const OTHER_OPTIONS = [{ deadline_ms: 1_000 }, { revisions_max: 0 }, { preset: 'small' }, { tool_calls_max: 0 }];
const WITHIN_MS = 6_000;

let copies = 0;

/** Publishes a goal, and one to four times again with other options: at once, while it runs, and after its end. */
async function publishOften(publisher: Publisher, index: number, random: () => number): Promise<void> {
  const goal = { id: `fault-${index}`, goal: goalText(index) };
  const often = 1 + Math.floor(random() * OTHER_OPTIONS.length);
  const pauses = OTHER_OPTIONS.slice(0, often).map((options) => ({
    options,
    ms: random() < 0.3 ? 0 : random() * WITHIN_MS,
  }));
  await publisher.publish(goal);
  await Promise.all(
    pauses.map(async ({ options, ms }) => {
      await sleep(ms);
      await publisher.publish({ ...goal, options });
      copies += 1;
    }),
  );
}

export const duplicates: Scenario = {
  name: 'duplicates',
  about: 'each goal is published two to five times, with other options: the first one counts',
  // Goals come again also after their run has left the log.
  env: LEAVING_SOON,
  publish: publishOften,
  async torment({ isOver }) {
    while (!isOver()) await sleep(200);
    return { copies };
  },
  check: ({ logs }) =>
    [...logs].flatMap(([run, stored]) =>
      isRevised(stored) ? [] : [`${run} was not made with the options of its first goal`],
    ),
};

/** With the first goal's options the critic asks for one revision. */
const isRevised = (stored: readonly Stored[]): boolean =>
  stored.some(({ subject, bytes }) => {
    if (!subject.includes('.supervisor.writer.')) return false;
    const message: unknown = decode(bytes);
    return JSON.stringify(message).includes('"round":2');
  });
