import { type PerformContext, TransientError } from '@troupe/actor';
import { type Outgoing, TOOL_CONTENT_CHARS_MAX } from '@troupe/contract';
import { type Toolbox, ToolError } from '@troupe/tools/run';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { granted, grantOf, isSealed, seal } from './executor.fixture.ts';
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
  const { answer } = await toolPerformer(toolbox, seal, () => NOW).perform(
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
    ['breaks in half a character', new Error('\uD83D'), 'The tool failed: \uFFFD'],
  ])('that has no effect and %s gives an outcome, not an exception', async (_what, error, message) => {
    const { answer } = await perform({ tool: 'search_documents' }, () => Promise.reject(error));
    expect(answer).toEqual({ ok: false, kind: 'failed', message });
  });

  it('has each passage that it found sealed for this run, so that its readers can tell it from an invented one', async () => {
    const found = { path: 'a.md', startLine: 1, endLine: 2, text: 'Ferries sail.' };
    const { answer } = await perform({}, () => Promise.resolve({ content: 'done', evidence: [found, found] }));
    const evidence = answer.ok ? answer.evidence : [];
    expect(evidence).toEqual([expect.objectContaining(found), expect.objectContaining(found)]);
    for (const passage of evidence) expect(isSealed(grantOf(), passage)).toBe(true);
  });

  it('that returns too much is cut to what a model may see', async () => {
    const { answer } = await perform({}, () => Promise.resolve({ content: 'x'.repeat(20_000), evidence: [] }));
    expect(answer).toMatchObject({ ok: true, content: 'x'.repeat(TOOL_CONTENT_CHARS_MAX) });
  });
});

const MAY_HAVE_HAPPENED = 'Its effect may have happened; it is not run again.';
/** A tool that never ends, and does not listen when it is told to. */
const deaf = () => new Promise<never>(() => {});

describe('a tool with an effect', () => {
  it.each([
    ['breaks', new Error('disk full'), `The tool failed: disk full. ${MAY_HAVE_HAPPENED}`],
    ['refuses late', new ToolError('The line was cut.'), `The line was cut. ${MAY_HAVE_HAPPENED}`],
  ])('that %s leaves an unknown outcome: nobody may say that nothing happened', async (_what, error, message) => {
    const { answer } = await perform({}, () => Promise.reject(error));
    expect(answer).toEqual({ ok: false, kind: 'unknown', message });
  });

  it('that refuses before it began has failed: nothing happened', async () => {
    const refusal = new ToolError('No more notes fit.', { beforeEffect: true });
    const { answer } = await perform({}, () => Promise.reject(refusal));
    expect(answer).toEqual({ ok: false, kind: 'failed', message: 'No more notes fit.' });
  });
});

describe('a tool that takes too long', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['search_documents', { kind: 'timeout', message: 'The tool did not finish within 10000 ms.' }],
    ['append_note', { kind: 'unknown', message: `The tool did not finish within 10000 ms. ${MAY_HAVE_HAPPENED}` }],
  ])('as %s ends at its time limit, even if it does not listen', async (tool, outcome) => {
    vi.useFakeTimers();
    const performed = perform({ tool }, deaf);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await performed).answer).toEqual({ ok: false, ...outcome });
  });

  it('is told to stop', async () => {
    vi.useFakeTimers();
    let signal = AbortSignal.abort();
    const performed = perform({ tool: 'search_documents' }, (_name, _args, context) => {
      ({ signal } = context);
      return deaf();
    });
    await vi.advanceTimersByTimeAsync(9_999);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.aborted).toBe(true);
    await performed;
  });

  it('that has ended leaves no timer behind', async () => {
    vi.useFakeTimers();
    await perform({ tool: 'search_documents' }, succeed);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a process that stops', () => {
  const listening: Toolbox['run'] = (_name, _args, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('told to stop')));
    });
  const late =
    (stop: AbortController): Toolbox['run'] =>
    () => {
      stop.abort();
      return succeed();
    };

  it.each([
    ['append_note', 'listens', listening],
    ['append_note', 'does not listen', deaf],
    ['search_documents', 'listens', listening],
  ])('while %s runs and %s gives no outcome: the delivery is for another process', async (tool, _what, run) => {
    const stop = new AbortController();
    const performed = perform({ tool }, run, { signal: stop.signal });
    setImmediate(() => stop.abort(new Error('SIGTERM')));
    await expect(performed).rejects.toThrow(TransientError);
  });

  it('in the same moment in which the tool ends gives no outcome either', async () => {
    const stop = new AbortController();
    await expect(perform({}, late(stop), { signal: stop.signal })).rejects.toThrow(TransientError);
  });

  it('before the tool began starts nothing, not even in the ledger', async () => {
    const seen: string[] = [];
    const run: Toolbox['run'] = () => {
      seen.push('run');
      return succeed();
    };
    const record: PerformContext['record'] = () => {
      seen.push('record');
      return Promise.resolve();
    };
    await expect(perform({}, run, { signal: AbortSignal.abort(), record })).rejects.toThrow(TransientError);
    expect(seen).toEqual([]);
  });

  it('while the ledger is written does not run the tool after it', async () => {
    const stop = new AbortController();
    let ran = false;
    const run: Toolbox['run'] = () => {
      ran = true;
      return succeed();
    };
    const record: PerformContext['record'] = () => {
      stop.abort();
      return Promise.resolve();
    };
    await expect(perform({}, run, { signal: stop.signal, record })).rejects.toThrow(TransientError);
    expect(ran).toBe(false);
  });
});
