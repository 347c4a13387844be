// What each role has still to do, from the server's side: `node deploy/nats/consumers.ts`. Reads only.
import { jetstreamManager } from '@nats-io/jetstream';
import { STREAMS } from '@troupe/contract';
import { asAdmin } from './as-admin.ts';

const COLUMNS = ['stream', 'consumer', 'waiting', 'unacked', 'redelivered', 'pulls'];
const WIDTH = 15;

asAdmin(async (admin) => {
  const manager = await jetstreamManager(admin.nc);
  const rows = [COLUMNS];
  for (const stream of [...admin.layout.goalStreams, ...admin.layout.streams, STREAMS.timers]) {
    for await (const info of manager.consumers.list(stream)) {
      const figures = [info.num_pending, info.num_ack_pending, info.num_redelivered, info.num_waiting];
      rows.push([stream, info.name, ...figures.map(String)]);
    }
  }
  const lines = rows.map((row) =>
    row
      .map((cell) => cell.padEnd(WIDTH))
      .join('')
      .trimEnd(),
  );
  for (const stream of [...admin.layout.goalStreams, STREAMS.timers, STREAMS.dead, ...admin.layout.streams]) {
    const { messages, bytes } = (await manager.streams.info(stream)).state;
    lines.push(`${stream}: ${messages} messages, ${bytes} bytes`);
  }
  return lines;
});
