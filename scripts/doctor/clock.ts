import { STREAMS } from '@troupe/contract';
import type { Bus } from '@troupe/nats';
import { z } from 'zod';
import { duration } from '../cli/one-line.ts';
import { checked, type Finding } from './finding.ts';

/** Clocks that are set by the network differ by less. */
export const APART_MS = 1_000;
/** From here on certificates and signatures of others may be refused. */
export const FAR_APART_MS = 60_000;
const ASK_MS_MAX = 5_000;
const CHANGE =
  'Let both machines set their clocks by the network (NTP): Troupe goes by the broker, but logs and certificates do not.';

const Told = z.object({ ts: z.string().pipe(z.coerce.date()) });

/** How far the clock of this machine is from the broker's. */
export function checkClock({ nc }: Bus): Promise<Finding> {
  return checked('clock', CHANGE, async () => {
    const sentAt = Date.now();
    const answer = await nc.request(`$JS.API.STREAM.INFO.${STREAMS.archive}`, '', { timeout: ASK_MS_MAX });
    const heardAt = Date.now();
    const told = Told.safeParse(answer.json());
    if (!told.success) return { check: 'clock', verdict: 'note', says: 'The broker did not tell what time it is' };
    return clockFinding(told.data.ts.getTime(), sentAt, heardAt);
  });
}

/** The broker said that it was `at` between `sentAt` and `heardAt` by this machine's clock; all in Unix ms. */
export function clockFinding(at: number, sentAt: number, heardAt: number): Finding {
  const aheadMs = Math.round(at - (sentAt + heardAt) / 2);
  const apartMs = Math.max(0, Math.abs(aheadMs) - (heardAt - sentAt) / 2);
  const found = { check: 'clock', facts: { brokerAheadMs: aheadMs } };
  if (apartMs < APART_MS) return { ...found, verdict: 'ok', says: 'This machine and the broker agree on the time' };
  const says = `The broker's clock is ${duration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`;
  return { ...found, verdict: apartMs < FAR_APART_MS ? 'note' : 'failed', says, change: CHANGE };
}
