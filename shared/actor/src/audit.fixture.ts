import { auditRun, identity, ordinals, readable, type RoleFacts, steps, type Stored } from '@troupe/audit';
import { decode, Message, parseRunSubject } from '@troupe/contract';
import type { Entry } from './memory/memory-stream.ts';
import { runTester, tester } from './tester.fixture.ts';

export interface Written {
  seq: number;
  to: string;
  message: Message;
}

/** What one role has written, in the order of the log. */
export function writtenBy(role: string, entries: readonly Entry[]): Written[] {
  return entries.flatMap(({ subject, seq, bytes }) => {
    const address = parseRunSubject(subject);
    if (address?.from !== role) return [];
    return [{ seq, to: address.to, message: Message.parse(decode(bytes)) }];
  });
}

/** The same without what the time of a crash may change. */
export const withoutTime = (written: readonly Written[]) =>
  written.map(({ to, message: { at: _at, ...rest } }) => ({ to, ...rest }));

/** Rules that hold for what one role wrote, whoever planted its inputs. */
const RULES = [readable, identity, ordinals, steps];

/**
 * What is wrong with the log of a role, as sentences: what the audit finds in it, inputs that were not handled,
 * outputs of one step that were decided on different states or with different answers.
 */
export function faultsIn(role: string, inputs: readonly string[], entries: readonly Entry[], perRun = false): string[] {
  const roles: RoleFacts[] = [{ ...(perRun ? runTester : tester), name: role }];
  const own = entries.filter(({ subject }) => parseRunSubject(subject)?.from === role);
  const stored = own.map(({ subject, seq, at, bytes }): Stored => ({ subject, seq, storedAt: at, bytes }));
  const runs = Map.groupBy(stored, ({ subject }) => parseRunSubject(subject)?.run ?? '');
  const found = [...runs].flatMap(([run, log]) => auditRun(run, log, { roles, rules: RULES }).violations);
  const answers = Map.groupBy(writtenBy(role, entries), ({ message }) => message.cause);
  const unasked = [...answers.keys()].flatMap((cause) => (inputs.includes(cause) ? [] : [`${cause} is no input`]));
  const unmarked = inputs.flatMap((id) => (answers.has(id) ? [] : [`${id} left no mark`]));
  return [...found.map(({ sentence }) => sentence), ...unasked, ...unmarked, ...[...answers].flatMap(decidedInParts)];
}

/** The tester's outputs say on which state and with which answer they were decided. */
function decidedInParts([id, step]: [string, readonly Written[]]): string[] {
  const said = step.flatMap(({ message }) =>
    message.type === 'noted' && message.body.what.startsWith('{') ? [message.body.what] : [],
  );
  const bases = new Set(said.map((what) => what.replace(/"index":\d+/, '')));
  return bases.size > 1 ? [`${id} was decided in parts: ${[...bases].join(' and ')}`] : [];
}
