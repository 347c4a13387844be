import type { Scenario } from './scenario.ts';
import { archive } from './scenarios/archive.ts';
import { clusterKill } from './scenarios/cluster-kill.ts';
import { clusterPartition } from './scenarios/cluster-partition.ts';
import { consumerDeleted } from './scenarios/consumer-deleted.ts';
import { duplicates } from './scenarios/duplicates.ts';
import { fullStore } from './scenarios/full-store.ts';
import { hung } from './scenarios/hung.ts';
import { reconnect } from './scenarios/reconnect.ts';
import { replicas } from './scenarios/replicas.ts';
import { rollBack } from './scenarios/roll-back.ts';
import { roles } from './scenarios/roles.ts';
import { rolling } from './scenarios/rolling.ts';
import { server } from './scenarios/server.ts';
import { skew } from './scenarios/skew.ts';
import { oneType, versions } from './scenarios/versions.ts';

/** All scenarios, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  roles,
  server,
  replicas,
  hung,
  reconnect,
  fullStore,
  skew,
  consumerDeleted,
  duplicates,
  versions,
  oneType,
  rolling,
  rollBack,
  archive,
];

/** With three servers, by `--cluster`: they take minutes each. */
export const CLUSTER_SCENARIOS: readonly Scenario[] = [clusterKill, clusterPartition];
