import { z } from 'zod';

/** Which calls are made, by their numbers, and how many of them at once. */
export const Calls = z.object({ first: z.int(), count: z.int().positive(), inFlight: z.int().positive() });
export type Calls = z.infer<typeof Calls>;

/** How long each call took, and the CPU time of the process that made them, all of its threads, in ms. */
export const Timed = z.object({ latenciesMs: z.array(z.number()), cpuMs: z.number() });
export type Timed = z.infer<typeof Timed>;

/** Makes the calls, `inFlight` of them at once, and measures them and this process. */
export async function timed({ first, count, inFlight }: Calls, call: (nth: number) => Promise<void>): Promise<Timed> {
  const latenciesMs: number[] = [];
  const before = process.cpuUsage();
  let next = first;
  const lane = async (): Promise<void> => {
    while (next < first + count) {
      const nth = next++;
      const since = performance.now();
      await call(nth);
      latenciesMs.push(performance.now() - since);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, lane));
  const { user, system } = process.cpuUsage(before);
  return { latenciesMs, cpuMs: (user + system) / 1_000 };
}
