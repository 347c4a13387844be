import {
  DEFAULT_TENANT,
  goalsStream,
  type LogLayout,
  runsStream,
  STREAMS,
  subjects,
  type Token,
} from '@troupe/contract';
import type { Delivery, RoleDeclaration } from '@troupe/actor';
import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream';
import { boundsOf, tenantGoalsBounds } from './stream-bounds.ts';

const SECOND_NS = 1_000_000_000;
const DAY_NS = 86_400 * SECOND_NS;

/** The recovery time after a crash: an unfinished delivery goes to another process after this long. */
export const ACK_WAIT_MS = 5_000;
/** Deliveries in flight per role, over all of its replicas. */
const ACK_PENDING_MAX = 50_000;
/**
 * Messages of one pull request. Without this bound whoever had a role's seed once could ask for a billion, with no time
 * limit and with the answers sent where somebody else listens: a share of the role's deliveries would be lost until
 * their ack wait, long after it has gone.
 */
export const PULL_BATCH_MAX = 512;
/** Duplicate window: dedup decides nothing here (expectations do), so it is as small as the server allows to matter. */
const DUPLICATE_WINDOW_NS = 2 * SECOND_NS;

/** How often each stream is kept. Nothing leaves for its age: the archiver takes out what is over. */
export interface Retention {
  replicas: number;
}

/**
 * Rollups would let a one-prefix writer wipe a stream: they are off. Deletes are not: no account but the administrator's
 * imports them, and what is to be forgotten has to be erased.
 */
const shared = (retention: Retention) => ({
  storage: 'file' as const,
  retention: 'limits' as const,
  discard: 'new' as const,
  num_replicas: retention.replicas,
  allow_direct: true,
  allow_rollup_hdrs: false,
  duplicate_window: DUPLICATE_WINDOW_NS,
});

/** Where the result of a run is published once it is stored: the subjects of {@link subjects.liveResult}. */
const LIVE_RESULT = 'troupe.results.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}.{{wildcard(4)}}';

/**
 * The streams, as data, for a store of `storeBytes`. `discard: new` makes a full stream refuse writes (the sender tries
 * again) instead of dropping the oldest runs. GOALS keeps its messages for a while (limits, not work queue): work-queue
 * streams have lost messages near restarts (nats-server#7817, #7680).
 */
export function streams(
  layout: LogLayout,
  retention: Retention,
  storeBytes: number,
): (Partial<StreamConfig> & { name: string })[] {
  const base = shared(retention);
  const { allow_rollup_hdrs: _rollup, ...schedulable } = base;
  return [
    ...layout.tenants.map((tenant) => ({
      ...base,
      ...(tenant === DEFAULT_TENANT ? boundsOf('GOALS', storeBytes) : tenantGoalsBounds(storeBytes)),
      name: goalsStream(tenant),
      subjects: [subjects.goals(tenant), subjects.cancel(tenant, '*')],
    })),
    ...layout.streams.map((name, shard) => ({
      ...base,
      ...boundsOf('RUNS', storeBytes, layout.shards),
      name,
      subjects: [subjects.messagesOf(shard)],
      // Every message has a subject of its own. A second one there would be history rewritten: refused (10077).
      max_msgs_per_subject: 1,
      discard_new_per_subject: true,
      // People hear what was stored, and nothing that was refused.
      republish: { src: subjects.results(shard), dest: LIVE_RESULT },
    })),
    {
      ...base,
      ...boundsOf('ARCHIVE', storeBytes),
      name: STREAMS.archive,
      subjects: [subjects.allArchived],
      // Written once, by the archiver, and kept until somebody makes room.
      max_msgs_per_subject: 1,
      discard_new_per_subject: true,
    },
    {
      ...base,
      ...boundsOf('DEAD', storeBytes),
      name: STREAMS.dead,
      subjects: [subjects.allDead],
      max_age: 30 * DAY_NS,
      // A letter that cannot be written comes back for ever: rather lose the oldest than the ability to give up.
      discard: 'old' as const,
    },
    {
      // Schedules need rollups, so timers live in a stream that only the supervisor may write.
      ...schedulable,
      ...boundsOf('TIMERS', storeBytes),
      name: STREAMS.timers,
      subjects: [subjects.allTimers, subjects.allDue],
      allow_msg_schedules: true,
      allow_msg_ttl: true,
    },
  ];
}

/** A durable consumer; `shard` is whose actors it delivers to, and of goals a place in their stead. */
export interface RoleConsumer {
  stream: string;
  source: Delivery['source'];
  shard: number;
  /** Whose goals it delivers. */
  tenant?: Token;
  config: Partial<ConsumerConfig> & { durable_name: string };
}

/**
 * The durable consumers of a role: a mailbox in each shard, and the goals and cancels of each tenant and each shard's
 * timers if it declares that it takes goals.
 */
export function consumersOf(layout: LogLayout, role: RoleDeclaration, replicas = 1): RoleConsumer[] {
  const config = (filter: Partial<ConsumerConfig>) => ({
    durable_name: role.name,
    description: role.description,
    ack_policy: 'explicit' as const,
    deliver_policy: 'all' as const,
    ack_wait: ACK_WAIT_MS * 1_000_000,
    max_ack_pending: ACK_PENDING_MAX,
    max_deliver: -1,
    max_waiting: 512,
    max_batch: PULL_BATCH_MAX,
    num_replicas: replicas,
    ...filter,
  });
  const shards = Array.from({ length: layout.shards }, (_, shard) => shard);
  const takesMail = Object.keys(role.consumes).length > 0;
  const mail = (shard: number): RoleConsumer => ({
    stream: runsStream(shard),
    source: 'runs',
    shard,
    config: config({ filter_subject: subjects.mailbox(role.name, shard) }),
  });
  const due = (shard: number): RoleConsumer => ({
    stream: STREAMS.timers,
    source: 'due',
    shard,
    config: config({
      durable_name: `${role.name}_${shard}`,
      filter_subject: subjects.due(shard, '*', role.name),
    }),
  });
  // Tenants go round the shards: who takes goals in has runs at home, and sees by them how busy the company is.
  const goals = (tenant: Token, index: number): RoleConsumer => ({
    stream: goalsStream(tenant),
    source: 'goals',
    shard: index % layout.shards,
    tenant,
    config: config({ filter_subject: subjects.goals(tenant) }),
  });
  // A request to cancel does not wait behind goals that are not taken in yet.
  const cancels = (tenant: Token, index: number): RoleConsumer => ({
    stream: goalsStream(tenant),
    source: 'goals',
    shard: index % layout.shards,
    config: config({ durable_name: `${role.name}_cancels`, filter_subject: subjects.cancel(tenant, '*') }),
  });
  const submissions = [...layout.tenants.map(goals), ...layout.tenants.map(cancels)];
  const own = role.takesGoals ? [...submissions, ...shards.map(due)] : [];
  return [...(takesMail ? shards.map(mail) : []), ...own];
}
