import { LOG, type Message, parseRunSubject, USER } from '@troupe/contract';

/** One stored message with where it was found. */
export interface Entry {
  subject: string;
  message: Message;
}

export interface Audit {
  runs: number;
  messages: number;
  statuses: Record<string, number>;
  /** The longest time between two messages of one run, by the writers' clocks, and where it was. */
  longest_stall_ms: number;
  longest_stall: string;
  /** What is wrong, one sentence each. Empty is what the system promises. */
  violations: string[];
}

/** Roles with one actor per run; all others have one per run and task. */
const PER_RUN = new Set(['supervisor', 'policy-guard']);

/**
 * Checks whole logs against what the runtime promises: gapless ordinals per actor, every step complete and written
 * once, every message answered exactly once, one result per run. Pure.
 */
export function audit(entries: readonly Entry[], expectedRuns: number): Audit {
  const violations: string[] = [];
  const statuses: Record<string, number> = {};
  const byRun = Map.groupBy(entries, ({ message }) => message.run);
  for (const [run, log] of byRun) {
    violations.push(...gaps(run, log), ...steps(run, log), ...unanswered(run, log));
    const ends = log.flatMap(({ message }) => (message.type === 'run.ended' ? [message.body.status] : []));
    if (ends.length !== 1) violations.push(`run ${run} has ${ends.length} results`);
    for (const status of ends) statuses[status] = (statuses[status] ?? 0) + 1;
  }
  if (byRun.size !== expectedRuns) violations.push(`${byRun.size} runs are in the log, not ${expectedRuns}`);
  return { runs: byRun.size, messages: entries.length, statuses, ...longestStall(byRun), violations };
}

function longestStall(byRun: ReadonlyMap<string, readonly Entry[]>): {
  longest_stall_ms: number;
  longest_stall: string;
} {
  let longest = { longest_stall_ms: 0, longest_stall: '' };
  for (const [run, log] of byRun) {
    for (const [index, entry] of log.entries()) {
      const stall = entry.message.at - (log[index - 1]?.message.at ?? entry.message.at);
      if (stall > longest.longest_stall_ms)
        longest = { longest_stall_ms: stall, longest_stall: `${run} before ${entry.message.id}` };
    }
  }
  return longest;
}

function actorOf({ subject, message }: Entry): string {
  const from = parseRunSubject(subject)?.from ?? '?';
  return PER_RUN.has(from) ? from : `${from}/${message.task}`;
}

function gaps(run: string, log: readonly Entry[]): string[] {
  return [...Map.groupBy(log, actorOf)].flatMap(([actor, sent]) => {
    const ordinals = sent.map(({ subject }) => parseRunSubject(subject)?.ordinal ?? -1);
    const whole = ordinals.every((ordinal, index) => ordinal === index);
    return whole ? [] : [`run ${run}: ${actor} wrote the ordinals ${ordinals.join(', ')}`];
  });
}

/** Each cause is answered by one step of each actor, whose parts are all there, once and in order. */
function steps(run: string, log: readonly Entry[]): string[] {
  return [...Map.groupBy(log, (entry) => `${actorOf(entry)} on ${entry.message.cause}`)].flatMap(([step, outputs]) => {
    const parts = outputs.map(({ message }) => message.part ?? [0, 1]);
    const of = parts.at(-1)?.[1] ?? 0;
    const whole = parts.length === of && parts.every(([index], place) => index === place);
    return whole ? [] : [`run ${run}: the step of ${step} has the parts ${JSON.stringify(parts)}`];
  });
}

function unanswered(run: string, log: readonly Entry[]): string[] {
  const answered = new Set(log.map((entry) => `${parseRunSubject(entry.subject)?.from ?? ''} ${entry.message.cause}`));
  return log.flatMap(({ subject, message }) => {
    const to = parseRunSubject(subject)?.to ?? '';
    if (to === USER || to === LOG || answered.has(`${to} ${message.id}`)) return [];
    return [`run ${run}: ${to} has not answered ${message.id} (${message.type})`];
  });
}
