import type { ToolSpec } from './tool-spec.ts';
import { appendNote } from './append-note/spec.ts';
import { calculate } from './calculate/spec.ts';
import { readDocument } from './read-document/spec.ts';
import { searchDocuments } from './search-documents/spec.ts';

/** The registry: one line per tool. The order is the order in which models see the tools. */
const registry = {
  search_documents: searchDocuments,
  read_document: readDocument,
  calculate,
  append_note: appendNote,
} satisfies Record<string, ToolSpec>;

export type ToolName = keyof typeof registry;

// Names come from models: without this, looking up "constructor" would find something.
Object.setPrototypeOf(registry, null);

/** Every tool by name. Has no prototype, so a name that is not a tool is always undefined. */
export const toolSpecs: Readonly<Record<string, ToolSpec>> = Object.freeze(registry);
