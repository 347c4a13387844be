import type { Message, RunId, Token } from '@troupe/contract';

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
