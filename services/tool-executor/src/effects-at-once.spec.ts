import type { PerformContext } from '@troupe/actor';
import type { Toolbox } from '@troupe/tools/run';
import { describe, expect, it } from 'vitest';
import { EFFECTS_AT_ONCE_MAX, fewEffectsAtOnce } from './effects-at-once.ts';
import { granted, grantOf, seal } from './executor.fixture.ts';
import { toolPerformer } from './perform.ts';

const GRANTS = 32;
const DONE = { content: 'done', evidence: [] };

/** An executor with many grants of one tool in hand, whose toolbox does what the test lets it. */
class Burst {
  started = 0;
  readonly running: PromiseWithResolvers<typeof DONE>[] = [];
  readonly ended: Promise<unknown>;

  constructor(tool: string) {
    const toolbox: Toolbox = {
      run: () => {
        const call = Promise.withResolvers<typeof DONE>();
        this.running.push(call);
        return call.promise;
      },
    };
    const performer = fewEffectsAtOnce(toolPerformer(toolbox, seal, () => 1));
    const perform = (_: unknown, index: number) => {
      const grant = grantOf({ tool, call: `c${index}` });
      const context: PerformContext = {
        id: `c${index}`,
        input: granted({ grant }),
        signal: new AbortController().signal,
        record: () => Promise.resolve(void (this.started += 1)),
      };
      return performer.perform({ grant, arguments: { text: 'x' } }, context);
    };
    this.ended = Promise.allSettled(Array.from({ length: GRANTS }, perform));
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('many grants for a tool with an effect', () => {
  it('leave, when the process dies, no more effects started than were under way', async () => {
    const burst = new Burst('append_note');
    await turn();
    expect({ started: burst.started, running: burst.running.length }).toEqual({
      started: EFFECTS_AT_ONCE_MAX,
      running: EFFECTS_AT_ONCE_MAX,
    });
  });

  it('are all run in the end, also when some fail', async () => {
    const burst = new Burst('append_note');
    for (let done = 0; done < GRANTS; done += 1) {
      await turn();
      if (done % 3 === 0) burst.running[done]?.reject(new Error('broken'));
      else burst.running[done]?.resolve(DONE);
    }
    await burst.ended;
    expect({ started: burst.started, running: burst.running.length }).toEqual({ started: GRANTS, running: GRANTS });
  });
});

describe('grants for a tool with an effect that come one after the other', () => {
  it('find their place free again, however many there were', async () => {
    let done = 0;
    const outcome = { ok: true as const, content: 'done', evidence: [] };
    const performer = fewEffectsAtOnce({
      recall: () => undefined,
      perform: () => Promise.resolve((done++, { answer: outcome })),
    });
    const grant = grantOf({ tool: 'append_note' });
    const context: PerformContext = {
      id: 'c1',
      input: granted({ grant }),
      signal: new AbortController().signal,
      record: () => Promise.resolve(),
    };
    for (let times = 0; times <= EFFECTS_AT_ONCE_MAX; times += 1) {
      void performer.perform({ grant, arguments: { text: 'x' } }, context);
      await turn();
    }
    expect(done).toBe(EFFECTS_AT_ONCE_MAX + 1);
  });
});

describe('many grants for a tool without one', () => {
  it('are run at once', async () => {
    const burst = new Burst('search_documents');
    await turn();
    expect({ started: burst.started, running: burst.running.length }).toEqual({ started: 0, running: GRANTS });
  });
});
