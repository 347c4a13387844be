import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';

export interface WireRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The parsed JSON of the body; undefined when it is none. */
  body: unknown;
}

/** What a server does with a request: answer it (a string body goes out as it is), or never answer. */
export type WireReply = { status: number; body: unknown; headers?: Record<string, string> } | 'hang';

export interface RunningServer {
  /** Without a path: `http://127.0.0.1:<port>`. */
  origin: string;
  /** Every request that came in, refused ones too. */
  requests: WireRequest[];
  /** Settles when the given number of requests (1 if left out) has come in. */
  received(count?: number): Promise<void>;
  close(): Promise<void>;
}

/** A server on a free local port that answers every request with what `reply` says. */
export async function startJsonServer(
  reply: (request: WireRequest) => WireReply | Promise<WireReply>,
): Promise<RunningServer> {
  const requests: WireRequest[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((incoming, response) => {
    void read(incoming).then(async (request) => {
      requests.push(request);
      for (const check of waiting) check();
      const answer = await reply(request);
      if (answer === 'hang') return;
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${portOf(server)}`,
    requests,
    received: (count = 1) =>
      new Promise((resolve) => {
        const check = () => requests.length >= count && resolve();
        waiting.push(check);
        check();
      }),
    close: () => close(server),
  };
}

async function read(incoming: IncomingMessage): Promise<WireRequest> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += String(chunk);
  const { method = '', url: path = '', headers } = incoming;
  return { method, path, headers, body: parseJson(text) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}

/** Ends hanging connections too. */
function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
