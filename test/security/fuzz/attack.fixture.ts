import type { NatsConnection } from '@nats-io/nats-core';
import { parseRunSubject } from '@troupe/contract';
import type { Cluster } from '@troupe/scripts/cluster';
import { logOf, withoutShard } from './aftermath.fixture.ts';
import { Chance } from './chance.fixture.ts';
import { attackerOf } from './company.fixture.ts';
import { headersFor } from './headers.fixture.ts';
import { payloads } from './payloads.fixture.ts';
import { readReach } from './reach.fixture.ts';
import { replyFor, subjectFor } from './subjects.fixture.ts';

/** Messages between two waits for the server: what is on its way stays small beside the server's own bound. */
const FLUSH_EVERY = 200;
/** One message in so many names a run that has ended, the others runs of their own. */
const KNOWN_RUN_ONE_IN = 5;

export interface AttackOptions {
  seed: number;
  messages: number;
  /** Runs that there are. */
  runs: readonly string[];
}

export interface Attacked {
  sent: number;
  /** What the client library refused to send: larger than this connection may. */
  unsent: number;
  /** How many messages went to each pattern of each account. */
  patterns: Map<string, number>;
  /** See {@link logOf}: where somebody wrote into a role's own log. What is sent to it there may wait for ever. */
  forged: Set<string>;
}

interface Target {
  nc: NatsConnection;
  key: string;
  pattern: string;
}

/** Targets that differ by the shard alone share one turn: more shards take nothing from the other subjects. */
function inTurns(targets: readonly Target[]): (index: number) => Target {
  const groups = [...Map.groupBy(targets, ({ key }) => withoutShard(key)).values()];
  return (index) => {
    const group = groups[index % groups.length];
    const target = group?.[Math.floor(index / groups.length) % group.length];
    if (target === undefined) throw new Error('nobody may publish anything');
    return target;
  };
}

/** Sends so many hostile messages, evenly to every subject that anybody may publish to, in rounds. */
export async function attack(
  cluster: Cluster,
  dataDir: string,
  { seed, messages, runs }: AttackOptions,
): Promise<Attacked> {
  const chance = new Chance(seed);
  const payloadFor = payloads(chance, seed);
  const targets: Target[] = [];
  const open: NatsConnection[] = [];
  for (const { account, subjects } of readReach(dataDir)) {
    const nc = await attackerOf(cluster, account);
    open.push(nc);
    for (const pattern of subjects) targets.push({ nc, key: `${account} ${pattern}`, pattern });
  }
  const next = inTurns(targets);
  const patterns = new Map<string, number>();
  const forged = new Set<string>();
  let unsent = 0;
  for (let index = 0; index < messages; index += 1) {
    const { nc, key, pattern } = next(index);
    const run = chance.below(KNOWN_RUN_ONE_IN) === 0 ? chance.of(runs) : chance.run();
    const subject = subjectFor(pattern, chance, run);
    const payload = payloadFor(subject);
    if (payload.length > (nc.info?.max_payload ?? 0)) unsent += 1;
    else {
      const [reply, headers] = [replyFor(chance, run), headersFor(pattern, chance)];
      nc.publish(subject, payload, { ...(reply && { reply }), ...(headers && { headers }) });
    }
    const address = parseRunSubject(subject);
    if (address !== undefined) forged.add(logOf(address.from, address));
    patterns.set(key, (patterns.get(key) ?? 0) + 1);
    if (index % FLUSH_EVERY === 0) for (const each of open) await each.flush();
  }
  for (const nc of open) await nc.flush();
  for (const nc of open) await nc.close();
  return { sent: messages - unsent, unsent, patterns, forged };
}
