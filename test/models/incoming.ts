import type { IncomingMessage } from 'node:http';

/** Larger requests are refused by both vendors. */
export const REQUEST_BYTES_MAX = 32 * 1024 * 1024;

/** The body's text; undefined if it is too large, which is known only when all of it has been read. */
export async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes <= REQUEST_BYTES_MAX) chunks.push(chunk);
  }
  return bytes > REQUEST_BYTES_MAX ? undefined : Buffer.concat(chunks).toString('utf8');
}

/** The parsed JSON; undefined when it is none. */
export function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
