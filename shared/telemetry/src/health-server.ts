import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

export interface HealthServer {
  /** The port in use: the one asked for, or the free one chosen for port 0. */
  port: number;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` (Prometheus text), `/healthz` (the process is alive) and `/readyz` (200 when `isReady()`, else 503).
 * Rejects with a sentence that names the port if it is taken.
 */
export async function serveHealth(options: {
  port: number;
  host: string;
  registry: Registry;
  isReady: () => boolean;
}): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const reply = (status: number, body: string, type = 'text/plain; charset=utf-8') => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    if (request.url === '/healthz') return reply(200, 'ok\n');
    if (request.url === '/readyz')
      return options.isReady() ? reply(200, 'ready\n') : reply(503, 'not connected to NATS\n');
    if (request.url !== '/metrics') return reply(404, 'try /metrics, /healthz or /readyz\n');
    options.registry.metrics().then(
      (text) => reply(200, text, options.registry.contentType),
      (error: unknown) => reply(500, `${String(error)}\n`),
    );
  });
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
