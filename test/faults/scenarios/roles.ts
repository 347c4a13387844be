import { inRounds } from '../rounds.ts';
import { LEAVING_SOON, type Scenario } from '../scenario.ts';

export const roles: Scenario = {
  name: 'roles',
  about: 'one process of each role; all die, one after the other, every 8 s',
  env: LEAVING_SOON,
  torment: async (torment) => ({ role_kills: await inRounds(torment, (child) => torment.crash(child)) }),
};
