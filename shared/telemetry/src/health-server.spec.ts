import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { hostCheck } from './allowed-hosts.ts';
import { type HealthServer, serveHealth } from './health-server.ts';
import { createMetrics } from './metrics.ts';

const servers: HealthServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(host: string, names?: string[]): Promise<number> {
  const options = { host, port: 0, registry: createMetrics('tester').registry, isReady: () => true };
  const server = await serveHealth({ ...options, ...(names === undefined ? {} : { names }) });
  servers.push(server);
  return server.port;
}

/** Status and body of a request with this Host header and method. */
function ask(port: number, host: string, path = '/metrics', method = 'GET'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', reject).end();
  });
}

describe('the health server', () => {
  it.each(['/metrics', '/healthz', '/readyz', '/'])(
    'answers no name that a page could point at it: %s',
    async (path) => {
      const port = await serve('127.0.0.1');
      for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '10.0.0.1', 'a@localhost'])
        expect({ host, ...(await ask(port, host, path)) }).toMatchObject({
          host,
          status: 421,
        });
    },
  );

  it('answers the loopback by its names', async () => {
    const port = await serve('127.0.0.1');
    for (const host of ['localhost', `LOCALHOST:${port}`, '127.0.0.1', `127.0.0.1:${port}`, `[::1]:${port}`])
      expect({ host, status: (await ask(port, host)).status }).toEqual({ host, status: 200 });
  });

  it('answers any address where it listens on all, because probes call a pod by its address, and names that are set', async () => {
    const port = await serve('0.0.0.0', ['Writer.troupe.svc']);
    for (const host of ['10.244.1.17:9464', '[fd00::17]:9464', 'localhost', 'writer.troupe.svc:9464'])
      expect({ host, status: (await ask(port, host)).status }).toEqual({ host, status: 200 });
    expect((await ask(port, 'evil.example')).status).toBe(421);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('does not take %s', async (method) => {
    const port = await serve('127.0.0.1');
    expect((await ask(port, 'localhost', '/healthz', method)).status).toBe(405);
  });

  it('takes HEAD, without a body', async () => {
    const port = await serve('127.0.0.1');
    expect(await ask(port, 'localhost', '/metrics', 'HEAD')).toEqual({ status: 200, body: '' });
  });
});

describe('the Host of a request', () => {
  it('has to be the address that the server listens on', () => {
    const isAllowed = hostCheck('192.168.1.5');
    expect(['192.168.1.5', '192.168.1.5:9464'].map(isAllowed)).toEqual([true, true]);
    expect(['localhost', '127.0.0.1', '192.168.1.6', undefined].map(isAllowed)).toEqual([false, false, false, false]);
  });
});
