import { messageId, type RunId, type RunRef, type Token } from './identifiers.ts';

/**
 * Every subject and stream name of Troupe, with those of single runs in `log-layout.ts`. Nothing else concatenates
 * subjects.
 *
 * A message of a run is `troupe.runs.<shard>.<tenant>.<run>.<task>.<from>.<to>.<ordinal>`. `<from>` is enforced by the
 * broker's permissions, and so are tenants where a client belongs to one. The ordinal makes every message addressable:
 * a role rebuilds an actor with direct gets on its own sent and received subjects and needs no right to create
 * consumers or to read the whole stream (see shared/README.md, "Why subjects end in an ordinal").
 */
export const STREAMS = { goals: 'GOALS', timers: 'TIMERS', dead: 'DEAD', archive: 'ARCHIVE' } as const;

/** The place of a message in the log. */
export interface RunAddress extends RunRef {
  task: Token;
  from: Token;
  to: Token;
  ordinal: number;
}

type Shard = number | '*';

export const subjects = {
  goals: (tenant: Token) => `troupe.goals.${tenant}`,
  allGoals: 'troupe.goals.*',
  /** A request to end a run, stored beside the goals so that it is not lost: `troupe.cancel.<tenant>.<run>`. */
  cancel: (tenant: Token, run: RunId) => `troupe.cancel.${tenant}.${run}`,
  allCancels: 'troupe.cancel.*.*',

  allMessages: 'troupe.runs.>',
  messagesOf: (shard: Shard) => `troupe.runs.${shard}.>`,
  runsOf: (shard: Shard, tenant: Token) => `troupe.runs.${shard}.${tenant}.>`,
  /** The first messages of all runs of a shard. */
  beginnings: (shard: Shard) => `troupe.runs.${shard}.*.*.run.intake.*.0`,
  /** The results of all runs of a shard. */
  results: (shard: Shard) => `troupe.runs.${shard}.*.*.*.supervisor.user.*`,
  /** The same, as clients without credentials see it live. */
  liveResult: ({ tenant, run }: RunRef) => `troupe.results.${tenant}.${run}.>`,
  liveResultsOf: (tenant: Token) => `troupe.results.${tenant}.>`,
  allLiveResults: 'troupe.results.>',
  /** What a role receives. */
  mailbox: (role: Token, shard: Shard) => `troupe.runs.${shard}.*.*.*.*.${role}.*`,
  /** What a role may write, to all or to one. */
  outbox: (role: Token, shard: Shard, to: Token | '*' = '*') => `troupe.runs.${shard}.*.*.*.${role}.${to}.*`,

  /** A part of the transcript of a run that is over; 0 is the first. */
  archived: ({ tenant, run }: RunRef, part: number | '*') => `troupe.archive.${tenant}.${run}.${part}`,
  archiveOf: (tenant: Token) => `troupe.archive.${tenant}.*.*`,
  /** The first parts of all archived runs. */
  archivedBeginnings: 'troupe.archive.*.*.0',
  allArchived: 'troupe.archive.*.*.*',

  timer: (shard: number, tenant: Token, role: Token, id: string) => `troupe.timers.${shard}.${tenant}.${role}.${id}`,
  timersOf: (role: Token) => `troupe.timers.*.*.${role}.*`,
  timersIn: (tenant: Token) => `troupe.timers.*.${tenant}.>`,
  allTimers: 'troupe.timers.>',
  due: (shard: Shard, tenant: Token | '*', role: Token) => `troupe.due.${shard}.${tenant}.${role}`,
  dueIn: (tenant: Token) => `troupe.due.*.${tenant}.*`,
  allDue: 'troupe.due.*.*.*',

  dead: (role: Token) => `troupe.dead.${role}`,
  allDead: 'troupe.dead.*',

  /** A role's question to a model, for a run of a tenant. */
  ask: (tenant: Token, role: Token) => `troupe.model.ask.${tenant}.${role}`,
  asksOf: (role: Token) => `troupe.model.ask.*.${role}`,
  allAsks: 'troupe.model.ask.*.*',
  /** The same question once more, of the gateway that has it: another one would pay for it again. */
  askAgain: (gateway: string, tenant: Token, role: Token) => `troupe.model.again.${gateway}.${tenant}.${role}`,
  asksAgainOf: (role: Token) => `troupe.model.again.*.*.${role}`,
  asksAgainAt: (gateway: string) => `troupe.model.again.${gateway}.*.*`,
  allAsksAgain: 'troupe.model.again.*.*.*',

  api: (tenant: Token, name: string) => `troupe.api.${tenant}.runs.${name}`,
  apiOf: (tenant: Token) => `troupe.api.${tenant}.>`,
  allApi: 'troupe.api.>',
} as const;

/** Digits of an ordinal: an actor writes fewer than a million messages, and nobody may make a reader believe in more. */
const ORDINAL = /^(0|[1-9]\d{0,5})$/;
const SHARD = /^(0|[1-9]\d?)$/;

/** The parts of a run message's subject, or undefined if it is not one. */
export function parseRunSubject(subject: string): (RunAddress & { shard: number }) | undefined {
  const [a, b, shard = '', tenant, run, task, from, to, ordinal, ...rest] = subject.split('.');
  if (a !== 'troupe' || b !== 'runs' || rest.length > 0) return undefined;
  if (!tenant || !run || !task || !from || !to || ordinal === undefined) return undefined;
  if (!SHARD.test(shard) || !ORDINAL.test(ordinal)) return undefined;
  return { shard: Number(shard), tenant, run, task, from, to, ordinal: Number(ordinal) };
}

/** Shard and tenant of a due timer's subject, or undefined if it is not one. */
export function parseDueSubject(subject: string): { shard: number; tenant: Token } | undefined {
  const [a, b, shard = '', tenant, role, ...rest] = subject.split('.');
  if (a !== 'troupe' || b !== 'due' || !tenant || !role || rest.length > 0 || !SHARD.test(shard)) return undefined;
  return { shard: Number(shard), tenant };
}

/** The message ID that a subject implies. A message whose own ID differs was not written by `<from>` for this place. */
export function idOfAddress(address: RunAddress): string {
  return messageId(address.from, address.task, address.ordinal);
}
