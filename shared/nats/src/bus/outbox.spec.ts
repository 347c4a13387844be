import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Outbox } from './outbox.ts';

const INFO = { server_id: 'S', version: '2.14.0', proto: 1, max_payload: 1_024, headers: true };

let server: Server;
let nc: NatsConnection;
let outbox: Outbox;
let heard = '';

/** A server that takes everything and says what a client has to be told. */
function serve(socket: Socket): void {
  socket.write(`INFO ${JSON.stringify(INFO)}\r\n`);
  socket.on('data', (data) => {
    heard += data.toString();
    if (data.includes('PING')) socket.write('PONG\r\n');
  });
}

beforeEach(async () => {
  heard = '';
  server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  nc = await connect({ servers: `127.0.0.1:${port}`, reconnect: false });
  outbox = new Outbox(nc);
});

afterEach(async () => {
  await nc.close();
  server.close();
});

const subjectsHeard = (): string[] => [...heard.matchAll(/PUB (\S+)/g)].map(([, subject = '']) => subject);

describe('an outbox', () => {
  it('sends what stands behind a message that the client refuses', async () => {
    outbox.publish('before', 'x');
    outbox.publish('too.large', 'x'.repeat(2_000));
    outbox.publish('a bad subject', 'x');
    outbox.publish('behind', 'x');
    await vi.waitFor(() => expect(subjectsHeard()).toEqual(['before', 'behind']));
    expect(outbox.size).toBe(0);
  });

  it('keeps what comes while the connection is away, and forgets a request that nobody waits for', async () => {
    outbox.hold();
    outbox.publish('kept', 'x');
    outbox.publish('asked', 'x', { reply: 'inbox.1' });
    outbox.publish('given.up', 'x', { reply: 'inbox.2' });
    outbox.publishNow('too.late', 'x');
    outbox.forget('inbox.2');
    expect(outbox.size).toBe(2);
    outbox.release();
    await vi.waitFor(() => expect(subjectsHeard()).toEqual(['kept', 'asked']));
  });

  it('drops what is left when the connection is closed, without an error', async () => {
    await nc.close();
    outbox.publish('late', 'x');
    outbox.flush();
    expect(outbox.size).toBe(0);
  });
});
