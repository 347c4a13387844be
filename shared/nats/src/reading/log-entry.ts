import { decode, idOfAddress, Message, parseRunSubject, type RunId, type Token } from '@troupe/contract';
import { z } from 'zod';
import type { StoredMessage } from '../bus/direct-get.ts';

/** One place in the log of a run. A message that cannot be read is an entry too: a reader must not hide it. */
export interface LogEntry {
  seq: number;
  /** Unix ms at which the broker stored it. */
  storedAt: number;
  tenant: Token;
  run: RunId;
  from: string;
  to: string;
  read: { ok: true; message: Message } | { ok: false; id: string; reason: string };
}

/** What is stored as an entry of its run; undefined if its subject names none. Never throws. */
export function asEntry({ subject, seq, at, bytes }: StoredMessage): LogEntry | undefined {
  const address = parseRunSubject(subject);
  if (address === undefined) return undefined;
  const { tenant, run, from, to } = address;
  return { seq, storedAt: at, tenant, run, from, to, read: readMessage(idOfAddress(address), bytes) };
}

function readMessage(id: string, bytes: Uint8Array): LogEntry['read'] {
  try {
    const parsed = Message.safeParse(decode(bytes));
    return parsed.success
      ? { ok: true, message: parsed.data }
      : { ok: false, id, reason: z.prettifyError(parsed.error).replaceAll('\n', ' ') };
  } catch (error) {
    return { ok: false, id, reason: error instanceof Error ? error.message : String(error) };
  }
}
