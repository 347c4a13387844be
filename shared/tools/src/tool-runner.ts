import { EVIDENCE_MAX, TOOL_CONTENT_CHARS_MAX } from '@troupe/contract';
import type { Evidence, RunId } from '@troupe/contract';
import type { Corpus } from './corpus/corpus.ts';
import { ToolError } from './tool-error.ts';
import { parseArguments } from './tool-spec.ts';
import type { ToolSpec } from './tool-spec.ts';

/** What a tool gives back: `content` is the JSON text that the model reads, `evidence` the passages it may cite. */
export interface ToolOutput {
  content: string;
  evidence: Evidence[];
}

/** The call that a tool serves. `callId` is the same on every redelivery of one call. */
export interface ToolContext {
  callId: string;
  run: RunId;
  signal: AbortSignal;
}

/** What tools may touch, and all that they may touch. `dataFolder` is a path that tools with effects write under. */
export interface ToolResources {
  corpus: Corpus;
  dataFolder: string;
}

/** A tool ready to run. Throws ToolError for what the model did wrong, and the signal's reason once aborted. */
export type RunTool = (args: unknown, context: ToolContext) => Promise<ToolOutput>;

/**
 * Binds a tool's function to its spec: arguments are checked before it and the bounds of its output after it.
 * The executor has checked the arguments too; the tool does not rely on that.
 */
export function toolRunner<Arguments extends Record<string, unknown>>(
  spec: ToolSpec<Arguments>,
  perform: (args: Arguments, context: ToolContext) => ToolOutput | Promise<ToolOutput>,
): RunTool {
  return async (args, context) => {
    context.signal.throwIfAborted();
    const parsed = parseArguments(spec, args);
    if (!parsed.ok) throw new ToolError(parsed.message, { beforeEffect: true });
    const output = await perform(parsed.args, context);
    if (output.content.length > TOOL_CONTENT_CHARS_MAX || output.evidence.length > EVIDENCE_MAX) {
      throw new Error(`${spec.name} returned more than its bounds allow`);
    }
    return output;
  };
}
