import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { makeCertificate } from './certificate.ts';

const HTTPS_PORT = 443;

export interface DefaultAddresses {
  /** With it a process reaches the test servers at the addresses that its libraries have by default. */
  env: Record<string, string>;
  /** Hosts that somebody wanted to reach and that are none of ours. */
  strangers: readonly string[];
  close(): void;
}

/**
 * A proxy as a company has one, which ends TLS with a certificate of its own: what goes to `https://<host>` comes to the
 * origin that `origins` has for the host, and nothing goes anywhere else. `folder` is where the certificate lies.
 */
export async function serveDefaultAddresses(
  folder: string,
  origins: Readonly<Record<string, string>>,
): Promise<DefaultAddresses> {
  const { key, cert, file } = makeCertificate(folder, Object.keys(origins));
  const sockets = new Set<Duplex>();
  const strangers: string[] = [];
  const secure = createSecureServer({ key, cert }, (incoming, response) => {
    const origin = origins[hostOf(incoming.headers.host)];
    if (origin === undefined) response.writeHead(421).end();
    else forward(origin, incoming, response);
  });
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', ({ url = '' }: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (!Object.keys(origins).some((host) => url === `${host}:${HTTPS_PORT}`)) {
      strangers.push(url);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.unshift(head);
    secure.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy does not listen on a port');
  return {
    env: { HTTPS_PROXY: `http://127.0.0.1:${address.port}`, NODE_USE_ENV_PROXY: '1', NODE_EXTRA_CA_CERTS: file },
    strangers,
    close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}

const hostOf = (header = ''): string => header.split(':', 1)[0] ?? '';

/** As it is, both ways; an answer that breaks off there breaks off here. */
function forward(origin: string, incoming: IncomingMessage, response: ServerResponse): void {
  const url = new URL(incoming.url ?? '/', origin);
  const headers = { ...incoming.headers, host: url.host };
  const asked = request(url, { method: incoming.method, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
    answer.on('close', () => {
      if (!answer.complete) response.destroy();
    });
  });
  asked.on('error', () => response.destroy());
  response.on('close', () => asked.destroy());
  incoming.pipe(asked);
}
