import { createServer, type RequestListener, type Server } from 'node:http';
import type { Registry } from 'prom-client';
import { hostCheck } from './allowed-hosts.ts';

/** A request that is longer or slower than a probe's is none. */
const HEADER_BYTES_MAX = 8_192;
const REQUEST_MS_MAX = 10_000;
const CONNECTIONS_MAX = 64;

export interface HealthServer {
  /** The port in use: the one asked for, or the free one chosen for port 0. */
  port: number;
  close(): Promise<void>;
}

export interface HealthOptions {
  port: number;
  host: string;
  /** Names by which others may call this server, beside the address it listens on: see {@link hostCheck}. */
  names?: readonly string[];
  registry: Registry;
  isReady: () => boolean;
}

/**
 * Serves `/metrics` (Prometheus text), `/healthz` (the process is alive) and `/readyz` (200 when `isReady()`, else 503)
 * to GET and HEAD under an allowed Host. Rejects with a sentence that names the port if it is taken.
 */
export async function serveHealth(options: HealthOptions): Promise<HealthServer> {
  const server = createServer(
    { maxHeaderSize: HEADER_BYTES_MAX, requestTimeout: REQUEST_MS_MAX, headersTimeout: REQUEST_MS_MAX },
    answerer(options),
  );
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, options.port, options.host);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerer({ host, names, registry, isReady }: HealthOptions): RequestListener {
  const isAllowed = hostCheck(host, names);
  return (request, response) => {
    const reply = (status: number, body: string, type = 'text/plain; charset=utf-8') => {
      const headers = { 'content-type': type, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };
      response.writeHead(status, status === 405 ? { ...headers, allow: 'GET, HEAD' } : headers).end(body);
    };
    if (!isAllowed(request.headers.host))
      return reply(421, 'This host is not served here. Set TROUPE_METRICS_NAMES to the names that may be used.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return reply(405, 'only GET and HEAD\n');
    if (request.url === '/healthz') return reply(200, 'ok\n');
    if (request.url === '/readyz') return isReady() ? reply(200, 'ready\n') : reply(503, 'not connected to NATS\n');
    if (request.url !== '/metrics') return reply(404, 'try /metrics, /healthz or /readyz\n');
    registry.metrics().then(
      (text) => reply(200, text, registry.contentType),
      (error: unknown) => reply(500, `${String(error)}\n`),
    );
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken ? new Error(`Port ${port} is in use. Set TROUPE_METRICS_PORT to a free one, or to 0 for any.`) : error,
      );
    });
    server.listen(port, host, resolve);
  });
}
