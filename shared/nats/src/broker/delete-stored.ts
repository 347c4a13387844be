import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';

/** A message that was there a moment ago: a timer that fired, the end of its time, or somebody else who deletes. */
export const GONE: ReadonlySet<number> = new Set([10_037, 10_043, 10_057]);

/** Overwrites a stored message. One that is gone already is fine. */
export async function deleteStored(manager: JetStreamManager, stream: string, seq: number): Promise<void> {
  try {
    await manager.streams.deleteMessage(stream, seq, true);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || !GONE.has(error.code)) throw error;
  }
}
