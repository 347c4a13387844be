import { GOAL_PAYLOAD_BYTES_MAX, MESSAGE_BYTES_MAX } from '@troupe/contract';

const KIB = 1024;
const GIB = 1024 ** 3;

/** The size of the store where nobody says otherwise; the one setting that all streams' sizes derive from. */
export const STORE_BYTES_DEFAULT = 8 * GIB;

/** All shards of the log together are one part. */
type Part = 'GOALS' | 'RUNS' | 'ARCHIVE' | 'DEAD' | 'TIMERS';

/**
 * Each stream's part of the store, in sixteenths. The server reserves it when the stream is made, so that no stream can
 * take another's: whatever strangers publish ends in GOALS, and a full RUNS stops no cancel, dead letter or timer. One
 * sixteenth belongs to nobody: streams that an operator adds.
 */
const SIXTEENTHS: Readonly<Record<Part, number>> = { GOALS: 1, RUNS: 6, ARCHIVE: 6, DEAD: 1, TIMERS: 1 };

/** A tenant's goals beside the default one's: each has so much of the sixteenth that belongs to nobody. */
const TENANT_PART = 256;

export const tenantGoalsBounds = (storeBytes: number): ReturnType<typeof boundsOf> => ({
  ...boundsOf('GOALS', storeBytes),
  max_bytes: Math.floor(storeBytes / TENANT_PART),
});

/** The broker's largest message: `max_payload` of the server. */
const ARCHIVED_BYTES_MAX = 1024 * 1024;
/** Headers count too: expectations, schedules. */
const HEADER_BYTES_MAX = 4 * KIB;
/** The largest message of each stream, headers included. What is larger is refused with error 10054. */
const MESSAGE_BYTES: Readonly<Record<Part, number>> = {
  GOALS: GOAL_PAYLOAD_BYTES_MAX + HEADER_BYTES_MAX,
  RUNS: MESSAGE_BYTES_MAX + HEADER_BYTES_MAX,
  ARCHIVE: ARCHIVED_BYTES_MAX,
  DEAD: MESSAGE_BYTES_MAX + HEADER_BYTES_MAX,
  TIMERS: MESSAGE_BYTES_MAX + HEADER_BYTES_MAX,
};

/** The bounds of one stream in a store of `storeBytes`; of `among` streams that share a part each has the same. */
export const boundsOf = (name: Part, storeBytes: number, among = 1): { max_bytes: number; max_msg_size: number } => ({
  max_bytes: Math.floor((storeBytes * SIXTEENTHS[name]) / 16 / among),
  max_msg_size: MESSAGE_BYTES[name],
});
