import { z } from 'zod';
import type { ToolSpec } from '../tool-spec.ts';

const args = z.strictObject({ text: z.string().min(1).max(2_000).describe('the note') });
export type AppendNoteArguments = z.infer<typeof args>;

/** The one tool with an effect: a second run of the same call would leave a second line. */
export const appendNote: ToolSpec<AppendNoteArguments> = {
  name: 'append_note',
  description: 'Keeps a note for the people who read the results of this run. Nothing reads it back to you.',
  args,
  idempotent: false,
  timeoutMs: 10_000,
};
