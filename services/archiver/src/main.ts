import { deciderVersion, launch, readSettings, Replicas, startProcess, Unreadable } from '@troupe/nats';
import { Archiver } from './archiver.ts';
import { archiverMetrics } from './archiver-metrics.ts';
import { role } from './role.ts';
import { Settings } from './settings.ts';

launch(async () => {
  const { TROUPE_ARCHIVE_KEEP_MS: keepMs } = readSettings(Settings, process.env);
  const running = await startProcess(role);
  const { bus, channel, log, metrics } = running;
  const replicas = new Replicas(bus, role.name, {
    build: deciderVersion(process.argv[1] ?? '', ''),
    unreadable: new Unreadable((ignored) => log.warn(ignored, 'ignored what cannot be read')),
    onChange: () => undefined,
  });
  const watcher = archiverMetrics(metrics, log, {
    runs: () => archiver.runs,
    heldBytes: () => archiver.heldBytes,
  });
  const archiver = new Archiver({ bus, channel, replicas, log, watcher, keepMs });
  await replicas.start();
  running.onReconnect(() => replicas.hello());
  running.readyWhile(() => archiver.isAlive);
  running.onDrain(async () => {
    replicas.stop();
    await archiver.stop();
  });
  archiver.start();
  log.info({ keepMs }, 'archiving');
});
