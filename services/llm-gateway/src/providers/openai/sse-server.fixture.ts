import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach } from 'vitest';

/** What the server does with a request: a stream of events, a refusal, nothing at all. */
export type Step =
  | {
      events: readonly object[];
      ending?: 'done' | 'cut' | 'hang';
      headers?: Record<string, string>;
      comments?: boolean;
    }
  | { status: number; body: unknown; headers?: Record<string, string> }
  | { raw: string }
  | 'hang';

export interface SseServer {
  /** With the `/v1` that the SDK expects. */
  baseUrl: string;
  /** The parsed bodies of all requests, and what came with them. */
  requests: { path: string; authorization: string | undefined; body: Record<string, unknown> }[];
  /** Settles with the next request, or the first. */
  received(): Promise<void>;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server on a free local port that plays `steps` in order, closed after the test. */
export async function startSseServer(steps: readonly Step[]): Promise<SseServer> {
  const left = [...steps];
  const requests: SseServer['requests'] = [];
  const first = Promise.withResolvers<void>();
  const server = createServer((incoming, response) => {
    void bodyOf(incoming).then((body) => {
      requests.push({ path: incoming.url ?? '', authorization: incoming.headers.authorization, body });
      first.resolve();
      play(left.shift() ?? { status: 400, body: { error: { message: 'the script has no further step' } } }, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return { baseUrl: `http://127.0.0.1:${address.port}/v1`, requests, received: () => first.promise };
}

async function bodyOf(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += String(chunk);
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' ? { ...parsed } : {};
}

function play(step: Step, response: ServerResponse): void {
  if (step === 'hang') return;
  if ('status' in step) {
    const text = typeof step.body === 'string' ? step.body : JSON.stringify(step.body);
    response.writeHead(step.status, { 'content-type': 'application/json', ...step.headers }).end(text);
    return;
  }
  const headers = 'headers' in step ? step.headers : {};
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  if ('raw' in step) {
    response.end(step.raw);
    return;
  }
  if (step.comments) response.write(': PROCESSING\n\n');
  for (const event of step.events) {
    const name = 'type' in event ? `event: ${String(event.type)}\n` : '';
    response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
  }
  if (step.ending === 'hang') return;
  if (step.ending === 'cut') response.write('data: {"', () => response.destroy());
  else response.end(step.ending === 'done' ? 'data: [DONE]\n\n' : '');
}
