import { readFileSync } from 'node:fs';
import { launch, ProcessSettings, readSettings, runAgent } from '@troupe/nats';
import { toolSpecs } from '@troupe/tools';
import { z } from 'zod';
import { serveRuns } from './api.ts';
import { configFrom, RoleList } from './company.ts';
import { deadlinesOf } from './deadline.ts';
import { supervisor } from './decide.ts';
import { role } from './role.ts';

const Settings = ProcessSettings.extend({
  /** The roles' declarations as JSON, written by whoever starts the company. */
  TROUPE_ROLES: z.string().default('.troupe/roles.json'),
});

launch(async () => {
  const { TROUPE_ROLES } = readSettings(Settings, process.env);
  const roles = RoleList.parse(JSON.parse(readFileSync(TROUPE_ROLES, 'utf8')));
  const config = configFrom(roles, Object.keys(toolSpecs));
  const configuration = JSON.stringify(config);
  const running = await runAgent({ role, decider: supervisor(config), configuration, deadlinesOf });
  serveRuns(running);
});
