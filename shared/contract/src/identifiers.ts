import { z } from 'zod';

/** A name that is one subject token: roles, tasks, tenants. Dots, spaces and wildcards would change a subject's meaning. */
export const Token = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,47}$/, 'must be 1–48 of a–z, 0–9 and "-", starting with a letter');
export type Token = string;

/** Whose runs those are where nobody says otherwise. */
export const DEFAULT_TENANT = 'default';

/** A run ID: a UUID; its 32 hex digits are the W3C trace ID of the run. */
export const RunId = z.uuid();
export type RunId = string;

/** A run and whose it is: the same ID under another tenant is another run. */
export interface RunRef {
  tenant: Token;
  run: RunId;
}

/** The W3C trace ID (32 hex digits) of a run. */
export function traceIdOf(run: RunId): string {
  return run.replaceAll('-', '');
}

/** The task token of messages that belong to the run as a whole (output check, result). */
export const RUN_TASK = 'run';

/** A role that is not a process: people and their clients. Receives results. */
export const USER = 'user';

/** Not a process either: who takes goals writes as it what people ask of a run. */
export const INTAKE = 'intake';

/** A recipient that nobody consumes: marks (A2) and ledger entries are kept in the log only. */
export const LOG = 'log';

/**
 * The ID of a message of a run: who wrote it, for which task, and its ordinal among all messages of that actor.
 * Ordinals start at 0 and have no gaps, so a log proves its own completeness.
 */
export function messageId(from: Token, task: Token, ordinal: number): string {
  return `${from}.${task}.${ordinal}`;
}

export interface MessageIdParts {
  from: Token;
  task: Token;
  ordinal: number;
}

const MESSAGE_ID = /^([a-z][a-z0-9-]*)\.([a-z][a-z0-9-]*)\.(0|[1-9]\d{0,5})$/;

/** The parts of a message ID, or undefined if it is not one (goal and signal causes are not). */
export function parseMessageId(id: string): MessageIdParts | undefined {
  const match = MESSAGE_ID.exec(id);
  const [, from, task, ordinal] = match ?? [];
  if (from === undefined || task === undefined || ordinal === undefined) return undefined;
  return { from, task, ordinal: Number(ordinal) };
}
