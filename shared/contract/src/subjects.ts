import { messageId, type MessageIdParts, type RunId, type Token } from './identifiers.ts';

/**
 * Every subject and stream name of Troupe. Nothing else concatenates subjects.
 *
 * A message of a run is `troupe.runs.<run>.<task>.<from>.<to>.<ordinal>`. `<from>` is enforced by the broker's
 * permissions. The ordinal makes every message addressable: a role rebuilds an actor with direct gets on its own
 * sent and received subjects and needs no right to create consumers or to read the whole stream (see
 * shared/README.md, "Why subjects end in an ordinal").
 */
export const STREAMS = { goals: 'GOALS', runs: 'RUNS', timers: 'TIMERS', dead: 'DEAD' } as const;

export interface RunAddress {
  run: RunId;
  task: Token;
  from: Token;
  to: Token;
  ordinal: number;
}

export const subjects = {
  goals: (tenant: Token) => `troupe.goals.${tenant}`,
  allGoals: 'troupe.goals.*',
  /** A request to end a run, stored beside the goals so that it is not lost: `troupe.cancel.<tenant>.<run>`. */
  cancel: (tenant: Token, run: RunId) => `troupe.cancel.${tenant}.${run}`,
  allCancels: 'troupe.cancel.*.*',

  message: (a: RunAddress) => `troupe.runs.${a.run}.${a.task}.${a.from}.${a.to}.${a.ordinal}`,
  allMessages: 'troupe.runs.>',
  /** All messages of one run, in the order of the log. */
  run: (run: RunId) => `troupe.runs.${run}.>`,
  /** Where the supervisor puts the one result of a run (JSON). */
  result: (run: RunId | '*') => `troupe.runs.${run}.*.supervisor.user.*`,
  /** The same, as clients without credentials see it live. */
  liveResult: (run: RunId) => `troupe.results.${run}.>`,
  allLiveResults: 'troupe.results.>',
  /** What a role receives. */
  mailbox: (role: Token) => `troupe.runs.*.*.*.${role}.*`,
  /** What a role may write. */
  outbox: (role: Token) => `troupe.runs.*.*.${role}.*.*`,
  /** All that one actor has written: the scope of its one-writer expectation (A1). `task` "*" for actors per run. */
  actor: (run: RunId, task: Token | '*', role: Token) => `troupe.runs.${run}.${task}.${role}.*.*`,
  /** One message of an actor by ordinal, whoever it went to. */
  sent: (run: RunId, task: Token | '*', role: Token, ordinal: number) =>
    `troupe.runs.${run}.${task}.${role}.*.${ordinal}`,
  /** One message that `to` received, by the ID of the message. */
  received: (run: RunId, id: MessageIdParts, to: Token) =>
    `troupe.runs.${run}.${id.task}.${id.from}.${to}.${id.ordinal}`,

  timer: (role: Token, id: string) => `troupe.timers.${role}.${id}`,
  timersOf: (role: Token) => `troupe.timers.${role}.*`,
  allTimers: 'troupe.timers.>',
  due: (role: Token) => `troupe.due.${role}`,
  allDue: 'troupe.due.*',

  dead: (role: Token) => `troupe.dead.${role}`,
  allDead: 'troupe.dead.*',

  ask: 'troupe.model.ask',
  api: (name: string) => `troupe.api.runs.${name}`,
  allApi: 'troupe.api.>',
} as const;

/** Digits of an ordinal: an actor writes fewer than a million messages, and nobody may make a reader believe in more. */
const ORDINAL = /^(0|[1-9]\d{0,5})$/;

/** The parts of a run message's subject, or undefined if it is not one. */
export function parseRunSubject(subject: string): RunAddress | undefined {
  const [a, b, run, task, from, to, ordinal, ...rest] = subject.split('.');
  if (a !== 'troupe' || b !== 'runs' || rest.length > 0) return undefined;
  if (!run || !task || !from || !to || ordinal === undefined || !ORDINAL.test(ordinal)) return undefined;
  return { run, task, from, to, ordinal: Number(ordinal) };
}

/** The message ID that a subject implies. A message whose own ID differs was not written by `<from>` for this place. */
export function idOfAddress(address: RunAddress): string {
  return messageId(address.from, address.task, address.ordinal);
}
