/** Bytes of one answer over HTTP, and of one event in it: no answer is as large, and all of an event is kept. */
export const BODY_BYTES_MAX = 64 * 1024 * 1024;
export const EVENT_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes of a refusal that are read: a proxy's page may be any size. */
export const REFUSAL_BYTES_MAX = 64 * 1024;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** An answer that is over a bound. */
export class Oversized extends Error {}

/**
 * As `fetch`, for an SDK that reads whatever comes: an answer over its bounds breaks off with {@link Oversized}, a refusal
 * ends at its bound, and a redirection is not followed, because key and prompt would go with it.
 */
export async function boundedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: 'manual' });
  const { status, statusText, body } = response;
  if (status >= 300 && status < 400) return redirected(response);
  if (body === null) return response;
  const headers = new Headers(response.headers);
  // They are those of the body as it came.
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) headers.delete(name);
  return new Response(body.pipeThrough(response.ok ? boundedEvents() : beginning()), { status, statusText, headers });
}

async function redirected({ status, statusText, body }: Response): Promise<Response> {
  await body?.cancel();
  const error = { type: 'redirected', message: 'the service redirects, which is not followed: its address is wrong' };
  return Response.json({ error }, { status, statusText });
}

/** Passes events on once they are whole: an SDK looks through all that it holds with each piece that it gets. */
export function boundedEvents(): TransformStream<Uint8Array, Uint8Array> {
  let total = 0;
  let held = new Uint8Array(0);
  let size = 0;
  let lineBytes = 0;
  let lastByte: number | undefined;
  /** Where the last event in these bytes ends, behind an empty line; 0 if none does. */
  const endIn = (bytes: Uint8Array): number => {
    let end = 0;
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, from)) {
      lineBytes += at - from;
      const before = at > 0 ? bytes[at - 1] : lastByte;
      if (lineBytes === 0 || (lineBytes === 1 && before === CARRIAGE_RETURN)) end = at + 1;
      lineBytes = 0;
      from = at + 1;
    }
    lineBytes += bytes.length - from;
    lastByte = bytes.at(-1) ?? lastByte;
    return end;
  };
  const hold = (bytes: Uint8Array): void => {
    if (size + bytes.length > held.length) {
      const larger = new Uint8Array(Math.max(2 * held.length, size + bytes.length));
      larger.set(held.subarray(0, size));
      held = larger;
    }
    held.set(bytes, size);
    size += bytes.length;
  };
  const passOn = (controller: TransformStreamDefaultController<Uint8Array>): void => {
    if (size > 0) controller.enqueue(held.slice(0, size));
    size = 0;
  };
  return new TransformStream({
    transform(bytes, controller) {
      total += bytes.length;
      const end = endIn(bytes);
      hold(end > 0 ? bytes.subarray(0, end) : bytes);
      if (total > BODY_BYTES_MAX || size > EVENT_BYTES_MAX) {
        controller.error(
          new Oversized(`the answer is over ${total > BODY_BYTES_MAX ? BODY_BYTES_MAX : EVENT_BYTES_MAX} bytes`),
        );
        return;
      }
      if (end === 0) return;
      passOn(controller);
      hold(bytes.subarray(end));
    },
    flush: passOn,
  });
}

function beginning(): TransformStream<Uint8Array, Uint8Array> {
  let left = REFUSAL_BYTES_MAX;
  return new TransformStream({
    transform(bytes, controller) {
      controller.enqueue(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) controller.terminate();
    },
  });
}
