import { createServer } from 'node:net';

const BLOCKS_MAX = 50;

/**
 * The first of `count` free ports in a row: `from` if possible, so that a monitoring set-up finds them again, else a
 * block further on. 0 (any port each) if there is none near.
 */
export async function freeBlock(from: number, count: number): Promise<number> {
  for (let base = from, tried = 0; tried < BLOCKS_MAX && base + count <= 65_535; base += count, tried += 1) {
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(base + index)));
    if (free.every(Boolean)) return base;
  }
  return 0;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
