import type { Corpus, CorpusDocument } from '../corpus/corpus.ts';
import { Pace } from '../pace.ts';
import { ToolError } from '../tool-error.ts';
import { toolRunner } from '../tool-runner.ts';
import type { RunTool, ToolOutput, ToolResources } from '../tool-runner.ts';
import { closePaths } from './close-paths.ts';
import { excerpt } from './excerpt.ts';
import { readDocument } from './spec.ts';
import type { ReadDocumentArguments } from './spec.ts';

const PATH_CHARS_SHOWN = 200;

/**
 * The runner of read_document; content is `{path, startLine, endLine, lineCount, text, passages, more?}`, where `text`
 * has lines like "12: …". Paths are keys of the corpus in memory: no path reaches the file system.
 */
export function createReadDocument({ corpus }: Pick<ToolResources, 'corpus'>): RunTool {
  return toolRunner(readDocument, async (args, { signal }) =>
    output(corpus.documents.get(args.path) ?? (await missing(corpus, args.path, new Pace(signal))), args),
  );
}

async function missing(corpus: Corpus, path: string, pace: Pace): Promise<never> {
  const close = (await closePaths(path, corpus.documents.keys(), pace)).map((known) => `"${shortened(known)}"`);
  const hint = close.length > 0 ? `Close to it: ${close.join(', ')}.` : 'Use search_documents to find paths.';
  throw new ToolError(`There is no document "${shortened(path)}". ${hint}`);
}

function output(document: CorpusDocument, { startLine = 1, endLine }: ReadDocumentArguments): ToolOutput {
  const { path, lines } = document;
  const lineCount = lines.length;
  if (endLine !== undefined && endLine < startLine)
    throw new ToolError(`endLine ${endLine} is before startLine ${startLine}.`);
  if (startLine > Math.max(lineCount, 1)) throw new ToolError(`"${shortened(path)}" has only ${lineCount} lines.`);
  const {
    text,
    endLine: lastLine,
    evidence,
    isCut,
  } = excerpt(document, startLine, Math.min(endLine ?? lineCount, lineCount));
  const notes = [
    ...(isCut ? [`Line ${lastLine} is longer than can be shown; search_documents finds the rest of it.`] : []),
    ...(lastLine < lineCount
      ? [`Lines ${lastLine + 1} to ${lineCount} follow: go on with startLine ${lastLine + 1}.`]
      : []),
  ];
  const passages = evidence.map((passage) => ({ startLine: passage.startLine, endLine: passage.endLine }));
  const more = notes.length > 0 ? { more: notes.join(' ') } : {};
  return {
    content: JSON.stringify({ path, startLine, endLine: lastLine, lineCount, text, passages, ...more }),
    evidence,
  };
}

function shortened(path: string): string {
  return path.length > PATH_CHARS_SHOWN ? `${path.slice(0, PATH_CHARS_SHOWN)}…` : path;
}
