import type { Chance } from './chance.fixture.ts';

/** Ordinals that a subject may end in: those that are read as numbers, and those that are not. */
const ORDINALS = ['0', '1', '7', '63', '999999', '999999999', '9007199254740993', '01', '-1', '1e3', 'x', '٣'];
const TASKS = ['run', 't1', 't2', '__proto__', 'constructor', 'T1', 'a'.repeat(300)];
const HUGE = ['0', '1', '2147483648', '9007199254740993', '18446744073709551615', '99999999999999999999', '-1', 'x'];

/** Subjects that no answer should reach: those of others, of the stream, and of the server. */
const VICTIMS = [
  '_INBOX_supervisor.a.1',
  '_INBOX_researcher.a.1',
  '_INBOX.a',
  'troupe.goals.default',
  'troupe.model.ask',
  'troupe.model.alive',
  'troupe.dead.supervisor',
  'troupe.due.supervisor',
  '$JS.API.STREAM.DELETE.RUNS',
  '$JS.API.CONSUMER.MSG.NEXT.RUNS.supervisor',
  '$JS.ACK.RUNS.supervisor.1.1.1.1.0',
  '_R_.abc.def',
  '$SYS.REQ.SERVER.PING',
];

/** A subject of a run's message: every one is new, for each may be written once. */
function runSubject(pattern: string, chance: Chance, run: string): string {
  const [, , , , from = '', to = ''] = pattern.split('.');
  const task = chance.below(4) === 0 ? chance.of(TASKS) : `t${chance.below(1_000_000)}`;
  const ordinal = chance.below(3) === 0 ? chance.of(ORDINALS) : '0';
  return `troupe.runs.${run}.${task}.${from}.${to}.${ordinal}`;
}

/** One subject that matches a pattern of the permissions; `run` is used where a run is named. */
export function subjectFor(pattern: string, chance: Chance, run: string): string {
  if (pattern.startsWith('troupe.runs.')) return runSubject(pattern, chance, run);
  if (pattern.startsWith('$JS.ACK.')) {
    const tail = Array.from({ length: 5 }, () => chance.of(HUGE)).join('.');
    return pattern.replace('>', chance.below(5) === 0 ? 'x' : tail);
  }
  if (pattern.startsWith('$JS.API.DIRECT.GET.'))
    return pattern
      .replace('>', `troupe.runs.${run}.run.supervisor.user.0`)
      .replace('*.*', `${run}.t1`)
      .replaceAll('*', '0');
  if (pattern === 'troupe.goals.*') return `troupe.goals.${chance.of(['default', 'acme', 'A_B', 'x'.repeat(200)])}`;
  if (pattern === 'troupe.cancel.*.*') return `troupe.cancel.${chance.of(['default', 'acme', '__proto__'])}.${run}`;
  if (pattern === 'troupe.api.>')
    return `troupe.api.${chance.of(['runs.create', 'runs.cancel', 'runs.result', 'runs.x', 'x', '__proto__.a.b'])}`;
  return pattern.replaceAll('*', `x${chance.below(1_000_000)}`).replace('>', `${chance.below(1_000_000)}.x`);
}

/** Where the answer should go: mostly nowhere, else to somebody else. */
export const replyFor = (chance: Chance, run: string): string | undefined =>
  chance.below(3) > 0 ? undefined : chance.of([...VICTIMS, `troupe.results.${run}.run.supervisor.user.0`]);
