import type { Cluster } from '@troupe/scripts/cluster';
import { setTimeout as sleep } from 'node:timers/promises';

type Child = Cluster['children'][number];

/**
 * Each role is hit once in a round. A message that loses its process is delivered again after the ack wait of 5 s; a
 * shorter round would hit it again and again, and measure the hitting.
 */
const ROUND_MS = 8_000;
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 300;

/** The order in which roles are hit, the same in every round. Pure. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Hits one process of each role per round, 100–300 ms apart, until it is over; returns how many were hit. */
export async function inRounds(
  { cluster, random, isOver }: { cluster: Cluster; random: () => number; isOver: () => boolean },
  hit: (child: Child) => void,
): Promise<number> {
  const order = shuffled([...Map.groupBy(cluster.children, ({ options: { name } }) => name).values()], random);
  let hits = 0;
  for (;;) {
    const begun = Date.now();
    for (const replicas of order) {
      await sleep(PAUSE_MS_MIN + random() * (PAUSE_MS_MAX - PAUSE_MS_MIN));
      const victim = replicas[Math.floor(random() * replicas.length)];
      if (isOver()) return hits;
      if (victim?.pid === undefined) continue;
      hit(victim);
      hits += 1;
    }
    while (Date.now() - begun < ROUND_MS && !isOver()) await sleep(100);
  }
}
