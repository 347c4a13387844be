import type { Stored } from '@troupe/audit';
import { decode, encode, encodeJson, parseRunSubject, SCHEMA_VERSION } from '@troupe/contract';
import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import { copyTree, type Edit } from '../tree-copy.ts';

/** What the newer build of the supervisor says in each task. */
const MARK = ' (by the newer build)';

/** A newer version of every type. */
const ALL_TYPES: Edit = {
  file: 'shared/contract/src/message.ts',
  from: `export const SCHEMA_VERSION = ${SCHEMA_VERSION};`,
  to: `export const SCHEMA_VERSION = ${SCHEMA_VERSION + 1};`,
};
/** A newer version of one type: all others are read by both builds. */
const ONE_TYPE: Edit = {
  file: 'shared/contract/src/message.ts',
  from: '{ reads: number; writes: number }>> = {};',
  to: "{ reads: number; writes: number }>> = { 'task.assigned': { reads: 2, writes: 2 } };",
};
/** What the newer supervisor does otherwise. */
const DECIDER: Edit = {
  file: 'services/supervisor/src/advance.ts',
  from: 'const body = { goal: run.goal, title, instructions, tools, inputs, round };',
  to: `const body = { goal: run.goal, title: title + '${MARK}', instructions, tools, inputs, round };`,
};

/**
 * A rolling update that stays half-way: one process of each role is a newer build, with a newer schema and another
 * decider of the supervisor. Both kinds are killed, so that each finds half-finished steps of the other.
 */
const halfWay = (name: string, what: string, edits: readonly Edit[]): Scenario => ({
  name,
  about: `one process of each role is a newer build, ${what}; one of each role dies every 8 s`,
  replicas: 2,
  prepare(folder) {
    copyTree(folder, edits);
    return Promise.resolve((child, replica) =>
      // The newer build is elsewhere, where the flags of this one let nobody read.
      replica === 0 ? child : { ...child, flags: [], main: child.main.replace(/^.*(?=\/services\/)/, folder) },
    );
  },
  torment: async (torment) => ({ role_kills: await inRounds(torment, (child) => torment.crash(child)) }),
  asRead: withOurVersion,
  check: ({ logs }) => [...builds(logs)],
});

export const versions = halfWay('versions', 'with newer versions of all messages', [ALL_TYPES, DECIDER]);
export const oneType = halfWay('one-type', 'with a newer version of one message', [ONE_TYPE, DECIDER]);

/** The audit of this build reads what the newer one wrote: only the number differs. */
function withOurVersion(stored: Stored): Stored {
  const message = decode(stored.bytes);
  if (typeof message !== 'object' || message === null) return stored;
  const older = { ...message, v: SCHEMA_VERSION };
  const isResult = parseRunSubject(stored.subject)?.to === 'user';
  return { ...stored, bytes: isResult ? encodeJson(older) : encode(older) };
}

/** Steps whose tasks are from both builds, and builds that wrote nothing. */
function* builds(logs: ReadonlyMap<string, readonly Stored[]>): Generator<string> {
  const found = { newer: 0, older: 0 };
  for (const [run, stored] of logs) {
    const tasks = stored.flatMap(({ subject, bytes }) => {
      if (parseRunSubject(subject)?.from !== 'supervisor') return [];
      const message = decode(bytes);
      return isTask(message) ? [{ cause: message.cause, isNewer: message.body.title.includes(MARK) }] : [];
    });
    for (const [cause, step] of Map.groupBy(tasks, (task) => task.cause)) {
      found[step[0]?.isNewer === true ? 'newer' : 'older'] += 1;
      if (new Set(step.map(({ isNewer }) => isNewer)).size > 1)
        yield `${run}: the step on ${cause} was made by both builds`;
    }
  }
  for (const [build, steps] of Object.entries(found)) if (steps === 0) yield `the ${build} build handed out no task`;
}

function isTask(message: unknown): message is { cause: string; body: { title: string } } {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'task.assigned';
}
