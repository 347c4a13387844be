import { z } from 'zod';
import type { ToolSpec } from '../tool-spec.ts';

const Line = z.int().min(1).max(10_000_000);

const args = z.strictObject({
  path: z.string().min(1).max(1_024).describe('a path exactly as search_documents returned it'),
  startLine: Line.optional().describe('first line to read; the first line of the document if left out'),
  endLine: Line.optional().describe('last line to read, included; the end of the document if left out'),
});
export type ReadDocumentArguments = z.infer<typeof args>;

export const readDocument: ToolSpec<ReadDocumentArguments> = {
  name: 'read_document',
  description:
    'Reads lines of one document, each with its line number. Use it to see what stands around a passage that ' +
    'search_documents found. Returns at most 200 lines; "more" says where to go on. "passages" lists the line ranges ' +
    'that can be cited.',
  args,
  idempotent: true,
  timeoutMs: 10_000,
};
