import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writtenBy } from './audit.fixture.ts';
import { settled } from './memory/settled.ts';
import { Rig, RUN, TENANT } from './rig.fixture.ts';
import { runTester } from './tester.fixture.ts';

let rig = new Rig();
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.end());

/** The tenant of each output, and how many inputs its actor had handled before. */
const outputs = () =>
  writtenBy('tester', rig.bus.runs.entries).map(({ message }) => [
    message.tenant,
    message.type === 'noted' ? /"inputs":(\d+)/.exec(message.body.what)?.[1] : undefined,
  ]);

describe('the same run ID under two tenants', () => {
  it('is two runs: the actor of the one knows nothing of what came to the other', async () => {
    await rig.start({ role: runTester });
    for (const tenant of [TENANT, 'acme', TENANT]) await rig.assign('say-1', 't1', { tenant });
    await settled(rig.bus);
    expect(rig.bus.dead).toEqual([]);
    expect(outputs()).toEqual([
      [TENANT, '0'],
      ['acme', '0'],
      [TENANT, '1'],
    ]);
  });

  it('is two runs also when they are read from the log', async () => {
    await rig.start({ role: runTester });
    await rig.assign('say-1');
    await rig.assign('say-1', 't1', { tenant: 'acme' });
    await settled(rig.bus);
    await rig.end();
    await rig.start({ role: runTester });
    await rig.assign('ask-1', 't1', { tenant: 'acme' });
    await settled(rig.bus);
    expect(outputs().at(-1)).toEqual(['acme', '1']);
    expect(rig.bus.log(RUN)).toHaveLength(6);
  });
});
