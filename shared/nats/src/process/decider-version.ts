import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Hexadecimal digits of a version. */
const DIGITS = 12;
const SHARED = join(import.meta.dirname, '../../..');
/** What decides beside the service itself: the rest of `shared` only carries messages. */
const PACKAGES = ['actor', 'agent', 'contract', 'decider', 'signing', 'tools'];

/**
 * The version of a decider: a digest of the sources that decide, and of the configuration that they decide with. No one
 * has to remember to raise it. `main` is the file that starts the process.
 */
export function deciderVersion(main: string, configuration: string): string {
  const digest = createHash('sha256').update(configuration);
  const folders = [dirname(main), ...PACKAGES.map((name) => join(SHARED, name, 'src'))];
  for (const folder of folders) {
    const files = globSync('**/*.ts', { cwd: folder })
      .filter((file) => !/\.(spec|fixture)\.ts$/.test(file))
      .toSorted();
    for (const file of files) digest.update(`\n${file}\n`).update(readFileSync(join(folder, file)));
  }
  return digest.digest('hex').slice(0, DIGITS);
}
