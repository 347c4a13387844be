import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../tool-error.ts';
import { toolRunner } from '../tool-runner.ts';
import type { RunTool, ToolContext, ToolOutput, ToolResources } from '../tool-runner.ts';
import { appendNote } from './spec.ts';

const NOTES_BYTES_MAX = 64 * 1024 * 1024;
const OWNER_READS_AND_WRITES = 0o600;
// A link put in the file's place is refused rather than followed.
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * The runner of append_note: one line `{call, run, text}` of `<dataFolder>/notes.jsonl` per run, in one write.
 * `notesBytesMax` bounds the file. File system errors are thrown as they are: the executor then does not know
 * whether the line was written, and must not guess.
 */
export function createAppendNote(
  { dataFolder }: Pick<ToolResources, 'dataFolder'>,
  notesBytesMax = NOTES_BYTES_MAX,
): RunTool {
  return toolRunner(appendNote, async ({ text }, context) => {
    await mkdir(dataFolder, { recursive: true });
    await appendLine(join(dataFolder, 'notes.jsonl'), line(text, context), notesBytesMax);
    return output(context);
  });
}

function line(text: string, { callId, run }: ToolContext): Buffer {
  return Buffer.from(`${JSON.stringify({ call: callId, run, text })}\n`);
}

function output({ callId }: ToolContext): ToolOutput {
  return { content: JSON.stringify({ appended: true, call: callId }), evidence: [] };
}

async function appendLine(file: string, bytes: Buffer, fileBytesMax: number): Promise<void> {
  const handle = await open(file, FLAGS, OWNER_READS_AND_WRITES);
  try {
    const { size } = await handle.stat();
    if (size + bytes.length > fileBytesMax)
      throw new ToolError('No more notes fit: the notes file has reached its size limit.');
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten !== bytes.length) throw new Error(`${file}: wrote ${bytesWritten} of ${bytes.length} bytes`);
    // The executor records "applied" in a durable log; the line has to be as durable before that.
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
