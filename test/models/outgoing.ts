import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Plain, SentEvent, Spoken } from './exchange.ts';
import type { Fault } from './faults.ts';

/** What ends an answer in its middle, if anything does. */
export type Midway = Extract<Fault, 'cut' | 'hang_midway' | 'error_event' | 'malformed_json'>;

const MIDWAY: readonly Fault[] = ['cut', 'hang_midway', 'error_event', 'malformed_json'] satisfies Midway[];
export const isMidway = (fault: Fault | undefined): fault is Midway => fault !== undefined && MIDWAY.includes(fault);

export function sendPlain(response: ServerResponse, { status, headers, body }: Plain): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function eventText({ event, data, comment }: SentEvent): string {
  const lines = [
    ...(comment === undefined ? [] : [`: ${comment}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(data === undefined ? [] : [`data: ${typeof data === 'string' ? data : JSON.stringify(data)}`]),
  ];
  return `${lines.join('\n')}\n\n`;
}

/** Sends an answer as one body, or as much of it as a fault leaves. `whole` is called before its last byte goes out. */
export function sendBody(
  response: ServerResponse,
  spoken: Spoken,
  midway: Midway | undefined,
  whole: () => void,
): void {
  const text = JSON.stringify(spoken.body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...spoken.headers };
  const half = text.slice(0, Math.floor(text.length / 2));
  if (midway === 'malformed_json') {
    response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(half) });
    whole();
    response.end(half);
    return;
  }
  response.writeHead(200, headers);
  if (midway === 'hang_midway') {
    response.write(half);
  } else if (midway !== undefined) {
    response.write(half, () => response.destroy());
  } else {
    whole();
    response.end(text);
  }
}

/** Sends an answer as a stream of events, or as many as a fault leaves; `errorEvent` in place of the rest. */
export async function sendEvents(
  response: ServerResponse,
  { headers, events }: Spoken,
  how: { midway: Midway | undefined; paceMs: number; errorEvent: SentEvent; whole: () => void },
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers });
  const middle = Math.max(1, Math.floor(events.length / 2));
  const kept = how.midway === undefined ? events : events.slice(0, middle);
  for (const event of kept) {
    if (response.destroyed) return;
    response.write(eventText(event));
    if (how.paceMs > 0) await wait(how.paceMs);
  }
  switch (how.midway) {
    case 'hang_midway':
      return;
    case 'cut':
      response.write(': cut\n\n', () => response.destroy());
      return;
    case 'error_event':
      how.whole();
      response.end(eventText(how.errorEvent));
      return;
    case 'malformed_json':
      how.whole();
      response.end(eventText({ ...events[middle], data: '{"type":"content_blo' }));
      return;
    case undefined:
      how.whole();
      response.end();
  }
}
