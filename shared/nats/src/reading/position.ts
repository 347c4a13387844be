import { runsStream, SHARDS_MAX } from '@troupe/contract';

/** How far the log was read: the last sequence of each stream; one that is missing is read from its beginning. */
export type Position = ReadonlyMap<string, number>;
export const BEGINNING: Position = new Map();

/** How far one run was read: all its messages are in one shard, in the order of their sequences. */
export interface RunPosition {
  shard: number;
  seq: number;
}

/** The same for who follows that run. Pure. */
export const behind = ({ shard, seq }: RunPosition): Position => new Map([[runsStream(shard), seq]]);

/** `<shard>:<seq>`: what a client keeps, and names to go on from there. Pure. */
export const formatPosition = ({ shard, seq }: RunPosition): string => `${shard}:${seq}`;

/** The position that a client names, or undefined if it is none. Pure. */
export function parsePosition(text: string): RunPosition | undefined {
  const [, shard = '', seq = ''] = /^(0|[1-9]\d?):(0|[1-9]\d{0,15})$/.exec(text) ?? [];
  const position = { shard: Number(shard), seq: Number(seq) };
  return shard !== '' && position.shard < SHARDS_MAX && Number.isSafeInteger(position.seq) ? position : undefined;
}
