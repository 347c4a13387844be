import { readFileSync } from 'node:fs';
import { launch, readSettings, runAgent } from '@troupe/nats';
import { toolSpecs } from '@troupe/tools';
import { serveRuns } from './api.ts';
import { configFrom, RoleList } from './company.ts';
import { deadlinesOf } from './deadline.ts';
import { supervisor } from './decide.ts';
import { role } from './role.ts';
import { Settings } from './settings.ts';

launch(async () => {
  const { TROUPE_ROLES } = readSettings(Settings, process.env);
  const roles = RoleList.parse(JSON.parse(readFileSync(TROUPE_ROLES, 'utf8')));
  const config = configFrom(roles, Object.keys(toolSpecs));
  const configuration = JSON.stringify(config);
  const running = await runAgent({ role, decider: supervisor(config), configuration, deadlinesOf });
  serveRuns(running);
});
