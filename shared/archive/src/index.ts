export { chainStart } from './chain.ts';
export type { LoggedMessage } from './frames.ts';
export { type LedgerOptions, ShardLedger } from './ledger.ts';
export { BrokenArchiveError, decodePart, encodePart, partsOf } from './part.ts';
export type { Archived, RunRecord } from './run-record.ts';
export { readTranscript, type Transcript } from './transcript.ts';
