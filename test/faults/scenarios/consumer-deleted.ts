import { setTimeout as sleep } from 'node:timers/promises';
import { STREAMS } from '@troupe/contract';
import { connectAs, ensureTopology } from '@troupe/nats';
import { asAdmin } from '../evidence.ts';
import { shuffled } from '../rounds.ts';
import type { Scenario, Torment } from '../scenario.ts';

const PAUSE_MS = 4_000;

/** A consumer that is made anew delivers the whole mailbox again: nothing may be asked or written twice. */
export const consumerDeleted: Scenario = {
  name: 'consumer-deleted',
  about: "each role's durable consumer is deleted and made anew under load, every 4 s",
  replicas: 2,
  async torment(torment) {
    const names = torment.cluster.roles
      .filter(({ declaration }) => Object.keys(declaration.consumes).length > 0)
      .map(({ declaration }) => declaration.name);
    let deleted = 0;
    for (const name of shuffled(names, torment.random)) {
      await sleep(PAUSE_MS);
      if (torment.isOver()) break;
      await makeAnew(torment, name);
      deleted += 1;
    }
    return { consumers_deleted: deleted };
  },
  check({ answers, modelCalls }) {
    return modelCalls === answers
      ? []
      : [`models were asked ${modelCalls ?? 'an unknown number of'} times for ${answers} answers`];
  },
};

async function makeAnew({ cluster }: Torment, name: string): Promise<void> {
  await asAdmin(cluster.server, (manager) => manager.consumers.delete(STREAMS.runs, name));
  const admin = await connectAs('admin', cluster.server);
  try {
    const declarations = cluster.roles.map(({ declaration }) => declaration);
    await ensureTopology(admin, declarations, { runs_days: 7, replicas: 1 });
  } finally {
    await admin.nc.close();
  }
}
