import { type Stored } from '@troupe/audit';
import { decode, encode, encodeJson, parseRunSubject, SCHEMA_VERSION } from '@troupe/contract';
import type { ChildOptions } from '@troupe/scripts/role-child';
import type { Edit } from './tree-copy.ts';

/** What a newer build of the supervisor says in each task. */
export const MARK = ' (by the newer build)';

/** The type of which builds have different versions. */
const RAISED_TYPE = 'task.assigned';
const RAISED_VERSION = SCHEMA_VERSION + 1;

/** A newer version of every type. */
export const ALL_TYPES: Edit = {
  file: 'shared/contract/src/message.ts',
  from: `export const SCHEMA_VERSION = ${SCHEMA_VERSION};`,
  to: `export const SCHEMA_VERSION = ${SCHEMA_VERSION + 1};`,
};

/** A newer version of one type: all others are read by all builds. */
const raised = (writes: number): Edit => ({
  file: 'shared/contract/src/message.ts',
  from: '{ reads: number; writes: number }>> = {};',
  to: `{ reads: number; writes: number }>> = { '${RAISED_TYPE}': { reads: ${RAISED_VERSION}, writes: ${writes} } };`,
});
/** The release that reads it and does not write it yet. */
export const READS_ONE_TYPE = raised(SCHEMA_VERSION);
export const WRITES_ONE_TYPE = raised(RAISED_VERSION);

/** What the newer supervisor does otherwise. */
export const DECIDER: Edit = {
  file: 'services/supervisor/src/advance.ts',
  from: 'const body = { goal: run.goal, title, instructions, tools, inputs, round };',
  to: `const body = { goal: run.goal, title: title + '${MARK}', instructions, tools, inputs, round };`,
};

/** A process of the build in `folder`, where the flags of this one let nobody read. Pure. */
export const ofBuild = (child: ChildOptions, folder: string): ChildOptions => ({
  ...child,
  flags: [],
  main: child.main.replace(/^.*(?=\/services\/)/, folder),
});

/** The audit of this build reads what a newer one wrote: only the number differs. */
export function withOurVersion(stored: Stored): Stored {
  const message = decode(stored.bytes);
  if (typeof message !== 'object' || message === null) return stored;
  const older = { ...message, v: SCHEMA_VERSION };
  const isResult = parseRunSubject(stored.subject)?.to === 'user';
  return { ...stored, bytes: isResult ? encodeJson(older) : encode(older) };
}

/** Whether a message is of a version that this build does not read. */
function isNewer({ bytes }: Stored): boolean {
  const message = decode(bytes);
  return typeof message === 'object' && message !== null && 'v' in message && message.v !== SCHEMA_VERSION;
}

/** Runs that hold what this build does not read: its processes can do nothing for them. Pure. */
export const newerRuns = (logs: ReadonlyMap<string, readonly Stored[]>): string[] =>
  [...logs].flatMap(([run, stored]) => (stored.some(isNewer) ? [run] : []));

/** Runs of those that have no result yet. Pure. */
export const openNewerRuns = (logs: ReadonlyMap<string, readonly Stored[]>): string[] =>
  newerRuns(logs).filter((run) => !logs.get(run)?.some(({ subject }) => parseRunSubject(subject)?.to === 'user'));

/** Steps whose tasks are from both builds, and builds that wrote nothing. Pure. */
export function* mixedBuilds(logs: ReadonlyMap<string, readonly Stored[]>): Generator<string> {
  const found = { newer: 0, older: 0 };
  for (const [run, stored] of logs) {
    const tasks = stored.flatMap(({ subject, bytes }) => {
      if (parseRunSubject(subject)?.from !== 'supervisor') return [];
      const message = decode(bytes);
      return isTask(message) ? [{ cause: message.cause, isNewer: message.body.title.includes(MARK) }] : [];
    });
    for (const [cause, step] of Map.groupBy(tasks, (task) => task.cause)) {
      found[step[0]?.isNewer === true ? 'newer' : 'older'] += 1;
      if (new Set(step.map(({ isNewer: isOfNewer }) => isOfNewer)).size > 1)
        yield `${run}: the step on ${cause} was made by both builds`;
    }
  }
  for (const [build, steps] of Object.entries(found)) if (steps === 0) yield `the ${build} build handed out no task`;
}

function isTask(message: unknown): message is { cause: string; body: { title: string } } {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === RAISED_TYPE;
}
