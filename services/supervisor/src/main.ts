import { readFileSync } from 'node:fs';
import { launch, readKeys, readSettings, runAgent } from '@troupe/nats';
import { sealVerifier, warrantSigner } from '@troupe/signing';
import { toolSpecs } from '@troupe/tools';
import { serveRuns } from './api.ts';
import { configFrom, RoleList } from './company.ts';
import { deadlinesOf } from './deadline.ts';
import { supervisor } from './decide.ts';
import { role } from './role.ts';
import { Settings } from './settings.ts';

launch(async () => {
  const { TROUPE_ROLES, TROUPE_AUTH_DIR } = readSettings(Settings, process.env);
  const roles = RoleList.parse(JSON.parse(readFileSync(TROUPE_ROLES, 'utf8')));
  const keys = readKeys(TROUPE_AUTH_DIR, role.name);
  const trust = { isSealed: sealVerifier(keys), warrant: warrantSigner(keys) };
  const config = configFrom(roles, Object.keys(toolSpecs), trust);
  const configuration = JSON.stringify(config);
  const running = await runAgent({ role, decider: supervisor(config), configuration, deadlinesOf });
  serveRuns(running);
});
