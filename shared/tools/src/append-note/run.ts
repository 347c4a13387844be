import { closeSync, constants, fstatSync, mkdirSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { codeOf } from '../files/file-error.ts';
import { OpenFolder } from '../files/open-folder.ts';
import { ToolError } from '../tool-error.ts';
import { toolRunner } from '../tool-runner.ts';
import type { RunTool, ToolContext, ToolOutput, ToolResources } from '../tool-runner.ts';
import { appendNote } from './spec.ts';

const NOTES_FILE = 'notes.jsonl';
const NOTES_BYTES_MAX = 64 * 1024 * 1024;
const OWNER_READS_AND_WRITES = 0o600;
const OWNER_ENTERS = 0o700;
// O_DSYNC: the executor records the outcome in a durable log, and the line has to be as durable before that. A confined
// process may not call fdatasync.
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_DSYNC;

/**
 * The runner of append_note: one line `{call, run, text}` of `<dataFolder>/notes.jsonl` per run, in one write.
 * `notesBytesMax` bounds the file. What goes wrong before the write is a ToolError that says so. Errors of the write
 * are thrown as they are: the executor then does not know whether the line was written, and must not guess. A second
 * run of one call leaves a second line with the same `call`: nothing here prevents it, the executor's ledger does.
 */
export function createAppendNote(
  { dataFolder }: Pick<ToolResources, 'dataFolder'>,
  notesBytesMax = NOTES_BYTES_MAX,
): RunTool {
  return toolRunner(appendNote, async ({ text }, context) => {
    await appendLine(openNotes(dataFolder), line(text, context), notesBytesMax);
    return output(context);
  });
}

function line(text: string, { callId, run }: ToolContext): Buffer {
  return Buffer.from(`${JSON.stringify({ call: callId, run, text })}\n`);
}

function output({ callId }: ToolContext): ToolOutput {
  return { content: JSON.stringify({ appended: true, call: callId }), evidence: [] };
}

function openNotes(dataFolder: string): number {
  try {
    mkdirSync(dataFolder, { recursive: true, mode: OWNER_ENTERS });
    // By its path: a confined process may write only where a path says so, and the folder is its own.
    const folder = OpenFolder.open(dataFolder, false);
    try {
      return folder.file(NOTES_FILE, FLAGS, OWNER_READS_AND_WRITES);
    } finally {
      folder.close();
    }
  } catch (error) {
    throw notKept(`the notes file cannot be opened (${codeOf(error) ?? 'unknown error'})`, error);
  }
}

async function appendLine(fd: number, bytes: Buffer, fileBytesMax: number): Promise<void> {
  try {
    const file = fstatSync(fd);
    // What somebody else has put in the file's place would show the notes to them, or write into a file of theirs.
    if (!file.isFile() || file.nlink !== 1) throw notKept('the notes file is not a file of its own');
    if (file.size + bytes.length > fileBytesMax) throw notKept('the notes file has reached its size limit');
    const { bytesWritten } = await promisify(write)(fd, bytes);
    if (bytesWritten !== bytes.length) throw new Error(`wrote ${bytesWritten} of ${bytes.length} bytes`);
  } finally {
    closeSync(fd);
  }
}

const notKept = (reason: string, cause?: unknown): ToolError =>
  new ToolError(`No note was kept: ${reason}.`, { beforeEffect: true, cause });
