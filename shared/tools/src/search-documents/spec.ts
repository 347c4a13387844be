import { z } from 'zod';
import type { ToolSpec } from '../tool-spec.ts';

const SEARCH_LIMIT_MAX = 12;

const args = z.strictObject({
  query: z.string().min(1).max(400).describe('a few distinctive words; names and numbers help'),
  limit: z.int().min(1).max(SEARCH_LIMIT_MAX).default(6).describe('how many passages to return'),
});
export type SearchDocumentsArguments = z.infer<typeof args>;

export const searchDocuments: ToolSpec<SearchDocumentsArguments> = {
  name: 'search_documents',
  description:
    'Searches the documents and returns the best matching passages, best first, each with its path, line numbers and ' +
    'text. "total" is how many passages matched. Any of the words may match, so use few and specific words, and ' +
    'search again with other words if the answer is not there. Cite a passage by its path, startLine and endLine.',
  args,
  idempotent: true,
  timeoutMs: 10_000,
};
