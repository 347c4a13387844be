import { createAppendNote } from './append-note/run.ts';
import { createCalculate } from './calculate/run.ts';
import { createReadDocument } from './read-document/run.ts';
import { createSearchDocuments } from './search-documents/run.ts';
import { ToolError } from './tool-error.ts';
import type { RunTool, ToolContext, ToolOutput, ToolResources } from './tool-runner.ts';
import type { ToolName } from './tool-specs.ts';

const NAME_CHARS_SHOWN = 64;

export interface Toolbox {
  /**
   * Runs a tool. `args` is parsed JSON and is checked here.
   * Throws ToolError when the model is at fault (unknown tool, bad arguments, unknown path, …), the signal's reason
   * when it was aborted before the tool began, and any other error when the system is at fault.
   */
  run(name: string, args: unknown, context: ToolContext): Promise<ToolOutput>;
}

/** Every tool on these resources. Builds the search index at once: about 0.1 ms per passage of the corpus. */
export function createToolbox(resources: ToolResources): Toolbox {
  // The type makes a tool with a spec but without a runner a compile error.
  const runners: Record<ToolName, RunTool> = {
    search_documents: createSearchDocuments(resources),
    read_document: createReadDocument(resources),
    calculate: createCalculate(),
    append_note: createAppendNote(resources),
  };
  const byName = new Map<string, RunTool>(Object.entries(runners));
  return {
    async run(name, args, context) {
      const tool = byName.get(name);
      if (tool === undefined) {
        throw new ToolError(
          `There is no tool "${name.slice(0, NAME_CHARS_SHOWN)}". Tools: ${[...byName.keys()].join(', ')}.`,
          { beforeEffect: true },
        );
      }
      return await tool(args, context);
    },
  };
}
