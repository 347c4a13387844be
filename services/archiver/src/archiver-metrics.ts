import type { Logger, Metrics } from '@troupe/telemetry';
import { Counter } from 'prom-client';
import type { Watcher } from './shard-archiver.ts';

/** What is read when metrics are asked for. */
interface Books {
  runs: () => number;
  heldBytes: () => number;
}

/** Counts what is archived and what leaves; a fault is also a line of the log, because a person has to look at it. */
export function archiverMetrics({ registry, gauge }: Metrics, log: Logger, { runs, heldBytes }: Books): Watcher {
  const registers = [registry];
  const parts = new Counter({ name: 'troupe_archived_parts_total', help: 'Parts of transcripts written.', registers });
  const messages = new Counter({ name: 'troupe_archived_messages_total', help: 'Messages archived.', registers });
  const gone = new Counter({ name: 'troupe_archive_left_total', help: 'Runs that have left the log.', registers });
  const faults = new Counter({
    name: 'troupe_archive_faults_total',
    help: 'Runs whose archive differs from their log or is broken: they stay in the log.',
    registers,
  });
  gauge('troupe_archive_runs', 'Runs in the shards that this replica archives.', runs);
  gauge('troupe_archive_held_bytes', 'Bytes of messages that are held until their run is over.', heldBytes);
  return {
    archived(newParts, newMessages) {
      parts.inc(newParts);
      messages.inc(newMessages);
    },
    left: (count) => gone.inc(count),
    fault(run, reason) {
      faults.inc();
      log.error({ run, reason }, 'this run is not archived, and stays in the log');
    },
  };
}
