import { type Goal, MalformedError, readGoal, RunId, type RunRef, Token } from '@troupe/contract';
import { runIdOf } from './run-id.ts';

/** What people publish: a goal, or the request to end a run. `at` is when the broker stored it (Unix ms). */
export type Submission = RunRef & {
  /** `goal.<sequence>` or `cancel.<sequence>`. */
  id: string;
  at: number;
} & (
    | { type: 'goal.accepted'; goal: Goal }
    | { type: 'goal.rejected'; reason: string; excerpt: string }
    /** `seq`: its place in its stream, among the goals. */
    | { type: 'run.cancel'; seq: number }
  );

const EXCERPT_CHARS = 200;

/** A message of the `GOALS` stream. Throws MalformedError if its subject names no tenant or run. */
export function parseSubmission(subject: string, bytes: Uint8Array, seq: number, at: number): Submission {
  const [, kind, token = '', run = ''] = subject.split('.');
  const tenant = Token.safeParse(token);
  if (!tenant.success)
    throw new MalformedError(`the tenant "${token}" ${tenant.error.issues[0]?.message ?? 'is not valid'}`);
  if (kind === 'cancel') {
    const named = RunId.safeParse(run);
    if (!named.success) throw new MalformedError(`"${run}" is not a run ID`);
    return { type: 'run.cancel', id: `cancel.${seq}`, seq, run: named.data, tenant: tenant.data, at };
  }
  const base = { id: `goal.${seq}`, tenant: tenant.data, at };
  const read = readGoal(bytes);
  if (read.ok) {
    const goalRun = runIdOf({ tenant: tenant.data, id: read.goal.id, seq, at });
    return { ...base, type: 'goal.accepted', run: goalRun, goal: read.goal };
  }
  const excerpt = Buffer.from(bytes.subarray(0, EXCERPT_CHARS)).toString('utf8');
  const refused = runIdOf({ tenant: tenant.data, id: undefined, seq, at });
  return { ...base, type: 'goal.rejected', run: refused, reason: read.reason, excerpt };
}

/** The same, or undefined for what names none: for those who look for goals among whatever was published. */
export function readSubmission(...stored: Parameters<typeof parseSubmission>): Submission | undefined {
  try {
    return parseSubmission(...stored);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
