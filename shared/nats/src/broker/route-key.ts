import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder, write } from './private-files.ts';

/** No role or tenant has this name, because of the dot. */
const FOLDER = 'server.route';
const KEY_BYTES = 32;

/**
 * The key that the servers of a cluster show each other, kept with the credentials, for their owner alone. It is made
 * once: a server with another one is not let in.
 */
export function ensureRouteKey(authDir: string): string {
  const folder = join(authDir, FOLDER);
  ensureFolder(folder);
  const file = join(folder, 'key');
  if (!existsSync(file)) write(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
  return readFileSync(file, 'utf8').trim();
}
