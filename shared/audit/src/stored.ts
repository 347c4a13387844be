/** One stored message, as the stream has it. */
export interface Stored {
  subject: string;
  /** Sequence in its stream. */
  seq: number;
  /** Unix ms at which the broker stored it. */
  storedAt: number;
  bytes: Uint8Array;
}
