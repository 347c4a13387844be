import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsIn, writtenBy } from './audit.fixture.ts';
import { lagging } from './lagging.fixture.ts';
import { quiet, settled } from './memory/settled.ts';
import { Rig } from './rig.fixture.ts';
import type { ActorPorts } from './options.ts';
import { TesterPerformer } from './tester.fixture.ts';

const verb = fc.constantFrom('say-0', 'say-1', 'say-3', 'ask-1', 'ask-3', 'effect');
const crash = fc.record({ effect: fc.integer({ min: 1, max: 6 }), moment: fc.constantFrom('before', 'after') });
/** How many turns each call on a port takes; used over and over. */
const pace = fc.array(fc.nat({ max: 4 }), { minLength: 3, maxLength: 12 });

const scenario = fc.record({
  tasks: fc.array(fc.record({ verb, task: fc.constantFrom('t1', 't1', 't2'), phase: fc.nat({ max: 2 }) }), {
    minLength: 1,
    maxLength: 6,
  }),
  /** Per phase, what happens to each of the two replicas. */
  crashes: fc.array(fc.tuple(fc.option(crash), fc.option(crash)), { minLength: 3, maxLength: 3 }),
  pace,
  /** How long it takes until reads see what was stored, in ms. */
  lag: fc.constantFrom(0, 1, 400, 7_000),
});

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
};

function slowed(ports: ActorPorts, next: () => number): ActorPorts {
  const { journal } = ports;
  return {
    ...ports,
    journal: {
      append: (...call) => turns(next()).then(() => journal.append(...call)),
      lastSeq: (...call) => turns(next()).then(() => journal.lastSeq(...call)),
      sent: (...call) => turns(next()).then(() => journal.sent(...call)),
      received: (...call) => turns(next()).then(() => journal.received(...call)),
      hasEnded: (...call) => journal.hasEnded(...call),
      isArchived: (...call) => journal.isArchived(...call),
    },
  };
}

describe('two replicas that are interleaved and killed at random', () => {
  it('leave a log in which every input is handled exactly once, whole, and no effect is repeated', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ tasks, crashes, pace: paces, lag }) => {
        const rig = new Rig();
        let calls = 0;
        const next = () => paces[calls++ % paces.length] ?? 0;
        const view = () => rig.bus.runs.entries.findLast(({ at }) => at <= rig.bus.clock.now() - lag)?.seq ?? 0;
        const effects: string[] = [];
        const start = async (order: { effect: number; moment: 'before' | 'after' } | null) => {
          const performer = new TesterPerformer();
          performer.gate = () => turns(next());
          performer.effects = effects;
          await rig.start({
            performer,
            around: (ports) => slowed(lagging(ports, rig.bus, view), next),
            prepare: (process) => order && process.crashAt(order.effect, order.moment),
          });
        };
        const inputs: string[] = [];
        try {
          for (const [phase, orders] of crashes.entries()) {
            for (const [index, task] of tasks.entries()) {
              const title = task.verb === 'effect' ? `effect-${index}` : task.verb;
              if (task.phase === phase) inputs.push(await rig.assign(title, task.task));
            }
            for (const order of orders) await start(order);
            await quiet(rig.bus);
            await turns(30);
            rig.bus.clock.advance(1_000);
          }
          await start(null);
          await settled(rig.bus);
          await turns(60);
          await settled(rig.bus);
          expect(faultsIn('tester', inputs, rig.bus.runs.entries)).toEqual([]);
          expect(new Set(effects).size).toBe(effects.length);
          expect(rig.bus.dead).toEqual([]);
          const answers = writtenBy('tester', rig.bus.runs.entries).filter(({ to }) => to === 'supervisor');
          expect(answers).toHaveLength(inputs.length === 0 ? 0 : tasks.filter((task) => task.verb === 'effect').length);
        } finally {
          await rig.end();
        }
      }),
      { numRuns: 500, seed: 20_250_101 },
    );
  }, 60_000);
});
