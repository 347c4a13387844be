import { randomUUID } from 'node:crypto';
import type { Performer, PerformContext } from '@troupe/actor';
import { TOOL_CONTENT_CHARS_MAX, type ToolOutcome } from '@troupe/contract';
import { toolSpecs } from '@troupe/tools';
import { type Toolbox, ToolError } from '@troupe/tools/run';
import { started, type ToolRun } from './decide.ts';

const MESSAGE_CHARS_MAX = 1_000;

/**
 * Runs tools. A tool that is not idempotent runs only after *started* is in the log; what happens to it after that is
 * recorded or unknown, never repeated. Failures are outcomes; only the bus can make this reject.
 */
export function toolPerformer(toolbox: Toolbox, now: () => number): Performer<ToolRun, ToolOutcome> {
  return {
    recall: () => undefined,
    async perform(toRun, context) {
      const { grant } = toRun;
      const spec = toolSpecs[grant.tool];
      if (spec === undefined) return { answer: failed(`There is no tool "${grant.tool}".`) };
      if (grant.expiresAt <= now()) return { answer: failed('The grant has expired.') };
      const ledger = spec.idempotent ? undefined : started(context.input, toRun, randomUUID());
      if (ledger !== undefined) await context.record(ledger);
      return { answer: await run(toolbox, toRun, context, spec.timeoutMs) };
    },
  };
}

async function run(
  toolbox: Toolbox,
  { grant, arguments: args }: ToolRun,
  context: PerformContext,
  timeoutMs: number,
): Promise<ToolOutcome> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const signal = AbortSignal.any([timeout, context.signal]);
    const { content, evidence } = await toolbox.run(grant.tool, args, { callId: grant.call, run: grant.run, signal });
    return { ok: true, content: content.slice(0, TOOL_CONTENT_CHARS_MAX), evidence };
  } catch (error) {
    if (timeout.aborted)
      return { ok: false, kind: 'timeout', message: `The tool did not finish within ${timeoutMs} ms.` };
    if (error instanceof ToolError) return failed(error.message);
    return failed(`The tool failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const failed = (message: string): ToolOutcome => ({
  ok: false,
  kind: 'failed',
  message: message.slice(0, MESSAGE_CHARS_MAX),
});
