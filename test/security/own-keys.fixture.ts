import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { SecuredBus } from './secured-bus.fixture.ts';

/** A folder of credentials that holds those of one role and nothing else: all that its process may need. */
export function ownKeysOnly({ server, dataDir }: SecuredBus, role: string): string {
  const folder = join(dataDir, `keys-of-${role}`);
  cpSync(join(server.authDir, role), join(folder, role), { recursive: true });
  return folder;
}
