import type { Bus } from '../bus/connect.ts';

const LAST_MS = 5_000;

/** The newest sequence of a stream, 0 if it is empty. Rejects with a sentence if it cannot be read. */
export async function lastSeq(bus: Bus, stream: string): Promise<number> {
  // The newest message under any subject: with another wildcard than `>` alone the server goes through all subjects.
  // Stream info would need an account with JetStream of its own.
  const reply = await bus.nc
    .request(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify({ last_by_subj: '>' }), { timeout: LAST_MS })
    .catch((error: unknown) => {
      throw new Error(`The stream ${stream} cannot be read: ${String(error)}.`, { cause: error });
    });
  const seq = reply.headers?.get('Nats-Sequence');
  if (seq === undefined) throw new Error(`The server has no stream ${stream}. Was Troupe started on it?`);
  return Number(seq);
}
