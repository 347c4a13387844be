import { Answer } from '@troupe/contract';
import { z } from 'zod';

/**
 * What comes back on the reply inbox of a question: `taken` if the answer takes a moment, then the answer. Which
 * gateways are alive is told by one broadcast per gateway and half second, not by a heartbeat per question: 10,000
 * open questions would otherwise cost thousands of messages per second.
 */
export const Reply = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('taken'), gateway: z.string() }),
  z.object({ kind: z.literal('answer'), answer: Answer }),
]);
export type Reply = z.infer<typeof Reply>;

export const Alive = z.object({ gateway: z.string() });

export const ALIVE_EVERY_MS = 500;
/** A gateway that was silent this long is dead; its questions are asked again. */
export const GATEWAY_DEAD_MS = 2_000;
/** A question that nobody took for this long is asked again. */
export const UNTAKEN_MS = 2_000;
/** Answers that come sooner are not announced by `taken`. */
export const TAKEN_AFTER_MS = 250;
