import { TOOL_CONTENT_CHARS_MAX } from '@troupe/contract';
import type { Evidence } from '@troupe/contract';
import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import { toolRunner } from '../tool-runner.ts';
import type { RunTool, ToolOutput, ToolResources } from '../tool-runner.ts';
import { passageIndex } from './passage-index.ts';
import type { Hits } from './passage-index.ts';
import { searchDocuments } from './spec.ts';

const RECENT_SEARCHES_MAX = 256;
/** Room for what stands around the results in the content: `{"results":[],"total":…}`. */
const FRAME_CHARS = 64;
const SCORE_DECIMALS = 3;

/** The runner of search_documents; content is `{results: [{path, startLine, endLine, text, score}], total}`. Indexes at once. */
export function createSearchDocuments({ corpus }: Pick<ToolResources, 'corpus'>): RunTool {
  const index = passageIndex(corpus);
  // The corpus does not change while the process lives, so an answer cannot go stale.
  const recent = new LRUCache<string, Hits>({ max: RECENT_SEARCHES_MAX });
  // One after another: side by side they would share each turn of the process, and all be late together.
  const turns = new PQueue({ concurrency: 1 });
  return toolRunner(searchDocuments, async ({ query, limit }, { signal }) => {
    const key = `${limit} ${query}`;
    const known = recent.get(key);
    if (known !== undefined) return output(known);
    const hits = await turns.add(() => index.search(query, limit, signal), { signal });
    recent.set(key, hits);
    return output(hits);
  });
}

function output({ hits, total }: Hits): ToolOutput {
  const results: string[] = [];
  const evidence: Evidence[] = [];
  let chars = FRAME_CHARS;
  for (const { passage, score } of hits) {
    const { path, startLine, endLine, text } = passage;
    const result = JSON.stringify({ path, startLine, endLine, text, score: Number(score.toFixed(SCORE_DECIMALS)) });
    // The worst hits give way, so that what the model reads and what it may cite stay the same.
    if (chars + result.length + 1 > TOOL_CONTENT_CHARS_MAX) break;
    chars += result.length + 1;
    results.push(result);
    evidence.push({ path, startLine, endLine, text });
  }
  return { content: `{"results":[${results.join(',')}],"total":${total}}`, evidence };
}
