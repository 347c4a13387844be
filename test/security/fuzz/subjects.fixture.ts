import { LAYOUT, liveResult, runSubject, TENANT } from '../secured-bus.fixture.ts';
import type { Chance } from './chance.fixture.ts';

/** Ordinals that a subject may end in: those that are read as numbers, and those that are not. */
const ORDINALS = ['0', '1', '7', '63', '999999', '999999999', '9007199254740993', '01', '-1', '1e3', 'x', '٣'];
const TASKS = ['run', 't1', 't2', '__proto__', 'constructor', 'T1', 'a'.repeat(300)];
/** In whose name, and in which shard, a message may stand that has no business there; some shards do not exist. */
const TENANTS = ['acme', 'evil', '__proto__', 'A_B', 'x'.repeat(200)];
const SHARDS = ['0', '1', '2', '3', '4', '63', '99', '00', '-1', 'x'];
/** One subject in so many is not where its run is, or not in the name of its tenant. */
const ELSEWHERE_ONE_IN = 8;
const HUGE = ['0', '1', '2147483648', '9007199254740993', '18446744073709551615', '99999999999999999999', '-1', 'x'];

/** What is asked of the API, behind its tenant. */
const REQUESTS = ['runs.create', 'runs.cancel', 'runs.result', 'runs.x', 'x', '__proto__.a.b'];

/** Subjects that no answer should reach: those of others, of the stream, and of the server. */
const VICTIMS = [
  '_INBOX_supervisor.a.1',
  '_INBOX_researcher.a.1',
  '_INBOX.a',
  'troupe.goals.default',
  'troupe.model.ask.default.researcher',
  'troupe.model.alive',
  'troupe.dead.supervisor',
  'troupe.due.0.default.supervisor',
  '$JS.API.STREAM.DELETE.RUNS_0',
  '$JS.API.CONSUMER.MSG.NEXT.RUNS_0.supervisor',
  '$JS.ACK.RUNS_0.supervisor.1.1.1.1.0',
  '_R_.abc.def',
  '$SYS.REQ.SERVER.PING',
];

/** A subject of a run's message: every one is new, for each may be written once. */
function messageSubject(pattern: string, chance: Chance, run: string): string {
  const [, , , , , , from = '', to = ''] = pattern.split('.');
  const task = chance.below(4) === 0 ? chance.of(TASKS) : `t${chance.below(1_000_000)}`;
  const ordinal = chance.below(3) === 0 ? chance.of(ORDINALS) : '0';
  return runSubject(from, to, ordinal, task, { run, tenant: tenantFor(chance), shard: shardFor(chance, run) });
}

const isElsewhere = (chance: Chance): boolean => chance.below(ELSEWHERE_ONE_IN) === 0;
const tenantFor = (chance: Chance): string => (isElsewhere(chance) ? chance.of(TENANTS) : TENANT);
const shardFor = (chance: Chance, run: string): string =>
  isElsewhere(chance) ? chance.of(SHARDS) : String(LAYOUT.shardOf(run));

/** Where a timer comes, in some shard: its run may be of another. */
export const dueSubject = (chance: Chance): string =>
  `troupe.due.${shardFor(chance, chance.run())}.${tenantFor(chance)}.supervisor`;

/** One subject that matches a pattern of the permissions; `run` is used where a run is named. */
export function subjectFor(pattern: string, chance: Chance, run: string): string {
  if (pattern.startsWith('troupe.runs.')) return messageSubject(pattern, chance, run);
  if (pattern.startsWith('$JS.ACK.')) {
    const tail = Array.from({ length: 5 }, () => chance.of(HUGE)).join('.');
    return pattern.replace('>', chance.below(5) === 0 ? 'x' : tail);
  }
  if (pattern.startsWith('$JS.API.DIRECT.GET.'))
    return pattern
      .replace('>', runSubject('supervisor', 'user', 0, 'run', { run }))
      .replace('*.*.*', `${TENANT}.${run}.t1`)
      .replaceAll('*', '0');
  if (pattern.startsWith('troupe.timers.'))
    return `troupe.timers.${shardFor(chance, run)}.${tenantFor(chance)}.supervisor.x${chance.below(1_000_000)}`;
  if (pattern === 'troupe.goals.*') return `troupe.goals.${chance.of(['default', 'acme', 'A_B', 'x'.repeat(200)])}`;
  if (pattern === 'troupe.cancel.*.*') return `troupe.cancel.${chance.of(['default', 'acme', '__proto__'])}.${run}`;
  if (pattern === 'troupe.api.>') return `troupe.api.${tenantFor(chance)}.${chance.of(REQUESTS)}`;
  if (/^troupe\.api\.[a-z]+\.>$/.test(pattern)) return pattern.replace('>', chance.of(REQUESTS));
  if (pattern.startsWith('troupe.model.ask.')) return pattern.replace('*', tenantFor(chance));
  return pattern.replaceAll('*', `x${chance.below(1_000_000)}`).replace('>', `${chance.below(1_000_000)}.x`);
}

/** Where the answer should go: mostly nowhere, else to somebody else. */
export const replyFor = (chance: Chance, run: string): string | undefined =>
  chance.below(3) > 0 ? undefined : chance.of([...VICTIMS, liveResult(run)]);
