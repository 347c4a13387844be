import { auditRun, type RoleFacts, type RunAudit, type Stored } from '@troupe/audit';
import { parseRunSubject, type RunId } from '@troupe/contract';
import type { RunReader } from '@troupe/nats';
import { installedRoles } from '../roles.ts';
import { EXIT, Failure } from './failure.ts';
import { count, oneLine } from './one-line.ts';
import { findRun } from './run-list.ts';
import type { Session } from './session.ts';

export interface AuditFlags {
  all?: boolean;
  json?: boolean;
}

/** Stands below the options in `troupe audit --help`. */
export const AUDIT_HELP = `
Reads every message of the run and checks what Troupe promises of a log: ordinals without gaps, whole steps, every
message answered once, causes that are there, one result, every effect granted and with one outcome, no model asked
twice for an answer, budgets kept. A run that is under way may have open ends until its deadline.
The rules are in shared/audit/README.md. Exits with 1 when anything is wrong.`;

/** `troupe audit`: what is wrong with the log of one run, or of all; nothing is 0. */
export async function audit(
  session: Session,
  name: string | undefined,
  { all = false, json = false }: AuditFlags,
): Promise<number> {
  const { reader, screen } = session;
  if (all === (name !== undefined)) throw new Failure('Name one run, or give --all.', EXIT.usage);
  const { runs, misplaced } = name === undefined ? await everyRun(session) : await oneRun(session, name);
  const roles = (await installedRoles()).map(({ declaration }) => declaration);
  const audits: RunAudit[] = [];
  for (const [run, fromSeq] of runs) audits.push(await auditOf(reader, run, fromSeq, roles));
  const wrong = audits.reduce((sum, { violations }) => sum + violations.length, misplaced.length);
  if (json) await screen.result(JSON.stringify({ wrong, misplaced, runs: audits }, null, 2));
  else if (wrong > 0 || audits.length > 0)
    await screen.result([...audits.flatMap(linesOf), ...misplaced.map(misplacedLine)].join('\n'));
  screen.note(`${count(audits.length, 'run')}, ${wrong === 0 ? 'nothing is wrong' : count(wrong, 'fault')}`);
  return wrong === 0 ? EXIT.completed : EXIT.failed;
}

/** What is to be audited. */
interface Scope {
  /** With the sequence of each run's first message: reading goes faster from there. */
  runs: Map<RunId, number>;
  /** Subjects of messages that are in another shard than the run that they name: nobody reads them, somebody wrote them. */
  misplaced: string[];
}

async function oneRun({ reader }: Session, name: string): Promise<Scope> {
  return { runs: new Map([[(await findRun(reader, name)).run, 1]]), misplaced: [] };
}

async function everyRun({ reader, bus: { layout } }: Session): Promise<Scope> {
  const scope: Scope = { runs: new Map(), misplaced: [] };
  for await (const { subject, seq } of reader.stored('all')) {
    const address = parseRunSubject(subject);
    // A subject that names no run is the fault of the run that its fifth token names.
    const run = address?.run ?? subject.split('.')[4] ?? '';
    if (address !== undefined && address.shard !== layout.shardOf(run)) scope.misplaced.push(subject);
    else if (!scope.runs.has(run)) scope.runs.set(run, seq);
  }
  // Of these the first messages may be in the archive alone.
  for await (const run of reader.archivedRuns()) scope.runs.set(run, 1);
  return scope;
}

const misplacedLine = (subject: string): string => `misplaced: ${oneLine(subject)} is in another shard than its run`;

async function auditOf(reader: RunReader, run: RunId, fromSeq: number, roles: readonly RoleFacts[]): Promise<RunAudit> {
  const stored: Stored[] = [];
  for await (const { subject, seq, at, bytes } of reader.stored(run, fromSeq))
    stored.push({ subject, seq, storedAt: at, bytes });
  if (stored.length === 0) throw new Failure(`The run ${run} has not begun yet.`);
  return auditRun(run, stored, { roles, now: Date.now() });
}

/** One line of the run, then one per fault. */
function linesOf({ run, status, messages, answers, effects, unanswered, violations }: RunAudit): string[] {
  const facts = [
    count(messages, 'message'),
    count(answers, 'model answer'),
    count(effects.length, 'effect'),
    ...(unanswered > 0 ? [`${count(unanswered, 'message')} unanswered`] : []),
  ];
  const verdict = violations.length === 0 ? 'nothing is wrong' : count(violations.length, 'fault');
  return [
    `${run}  ${status}  ${facts.join(', ')}: ${verdict}`,
    ...violations.map(({ rule, sentence }) => `  ${rule}: ${oneLine(sentence)}`),
  ];
}
