import type { PerformContext } from '@troupe/actor';
import { type Outgoing, TOOL_CONTENT_CHARS_MAX } from '@troupe/contract';
import { type Toolbox, ToolError } from '@troupe/tools/run';
import { describe, expect, it } from 'vitest';
import { granted, grantOf } from './executor.fixture.ts';
import { toolPerformer } from './perform.ts';

const NOW = 5_000;
const DONE = { content: 'done', evidence: [] };

/** Performs a granted call with a toolbox that does what the test says; tells what happened, in order. */
async function perform(
  different: Parameters<typeof grantOf>[0],
  run: Toolbox['run'],
  context: Partial<PerformContext> = {},
) {
  const events: string[] = [];
  const recorded: Outgoing[] = [];
  const toolbox: Toolbox = {
    run: (name, args, toolContext) => {
      events.push(`run ${name}`);
      return run(name, args, toolContext);
    },
  };
  const grant = grantOf(different);
  const { answer } = await toolPerformer(toolbox, () => NOW).perform(
    { grant, arguments: { text: 'x' } },
    {
      id: 'x',
      input: granted({ grant }),
      signal: new AbortController().signal,
      record: (output) => {
        events.push(output.type);
        recorded.push(output);
        return Promise.resolve();
      },
      ...context,
    },
  );
  return { answer, events, recorded };
}

const succeed = () => Promise.resolve(DONE);

describe('a tool under a grant', () => {
  it('that has an effect is started in the ledger first', async () => {
    const { answer, events } = await perform({}, succeed);
    expect(events).toEqual(['effect.started', 'run append_note']);
    expect(answer).toEqual({ ok: true, ...DONE });
  });

  it('that is idempotent needs no ledger', async () => {
    expect((await perform({ tool: 'search_documents' }, succeed)).events).toEqual(['run search_documents']);
  });

  it('does not run when the ledger cannot be written', async () => {
    const failing = { record: () => Promise.reject(new Error('no bus')) };
    let ran = false;
    const run = () => {
      ran = true;
      return succeed();
    };
    await expect(perform({}, run, failing)).rejects.toThrow('no bus');
    expect(ran).toBe(false);
  });

  it('does not run at or after the end of its grant, and leaves no start in the ledger', async () => {
    for (const expiresAt of [NOW, NOW - 1]) {
      const { answer, events } = await perform({ expiresAt }, succeed);
      expect(answer).toEqual({ ok: false, kind: 'failed', message: 'The grant has expired.' });
      expect(events).toEqual([]);
    }
    expect((await perform({ expiresAt: NOW + 1 }, succeed)).answer.ok).toBe(true);
  });

  it('that does not exist fails without a start in the ledger', async () => {
    const { answer, events } = await perform({ tool: 'constructor' }, succeed);
    expect(answer).toMatchObject({ ok: false, message: 'There is no tool "constructor".' });
    expect(events).toEqual([]);
  });

  it('gets the call and the run, so that it can make its effect once', async () => {
    let seen: unknown;
    await perform({}, (_name, _args, context) => {
      seen = { call: context.callId, run: context.run };
      return succeed();
    });
    expect(seen).toEqual({ call: 'c1', run: grantOf().run });
  });

  it.each([
    ['refuses', new ToolError('There is no such file.'), 'There is no such file.'],
    ['breaks', new Error('disk full'), 'The tool failed: disk full'],
    ['breaks at length', new Error('x'.repeat(9_000)), `The tool failed: ${'x'.repeat(1_000)}`.slice(0, 1_000)],
  ])('that %s gives an outcome, not an exception', async (_what, error, message) => {
    const { answer } = await perform({}, () => Promise.reject(error));
    expect(answer).toEqual({ ok: false, kind: 'failed', message });
  });

  it('that returns too much is cut to what a model may see', async () => {
    const { answer } = await perform({}, () => Promise.resolve({ content: 'x'.repeat(20_000), evidence: [] }));
    expect(answer).toMatchObject({ ok: true, content: 'x'.repeat(TOOL_CONTENT_CHARS_MAX) });
  });
});
