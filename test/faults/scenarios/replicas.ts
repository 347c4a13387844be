import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';

export const replicas: Scenario = {
  name: 'replicas',
  about: 'two processes of each role; one of each dies every 8 s',
  replicas: 2,
  torment: async (torment) => ({ role_kills: await inRounds(torment, (child) => torment.crash(child)) }),
};
