import type { Evidence } from '@troupe/contract';
import { words } from './terms.ts';

/** A few short documents, and a search over them that knows nothing of the provider's ranking. */
export const DOCUMENTS: Readonly<Record<string, string>> = {
  'durable-log.md': `# The durable log

A run is one ordered log of messages, and an agent is a pure
function of that log. The log is the conversation, the work
queue and the audit trail at once.

Nothing that an agent needs lives only in its memory. After a crash
the state of an agent is rebuilt by folding the log again.

\`\`\`ts
fold(log, evolve, initial);
\`\`\`
`,
  'guard/grants.md': `# Grants

A tool runs only under a **grant** that the policy guard has signed.
A grant names the run, the task and the digest of the arguments,
and it may be used once.

- A human's approval is bound to the same digest as the grant.
- See [the audit notes](audit.md).
`,
  'limits.md': `# Limits

The ack wait is five seconds, so the work of a killed process resumes
on another process within that time. Every queue, cache and payload
has a written limit.
`,
  'menu.txt': `The canteen serves soup on Mondays and noodles on Tuesdays.
On Fridays the kitchen closes one hour earlier than on other days.
`,
};

export function linesOf(path: string): string[] {
  return (DOCUMENTS[path] ?? '').split('\n');
}

/** Paragraphs that share the most words with the query, at most three, in the shape that the search tool returns. */
export function searchDocuments(query: string): string {
  const wanted = new Set(words(query));
  const scored = Object.keys(DOCUMENTS)
    .flatMap(paragraphs)
    .map((passage) => ({ ...passage, score: words(passage.text).filter((word) => wanted.has(word)).length }))
    .filter(({ score }) => score > 0)
    .toSorted((left, right) => right.score - left.score);
  return JSON.stringify({ results: scored.slice(0, 3), total: scored.length });
}

function paragraphs(path: string): Evidence[] {
  const passages: Evidence[] = [];
  let open: string[] = [];
  for (const [index, line] of [...linesOf(path), ''].entries()) {
    if (line.trim() !== '') {
      open.push(line);
    } else if (open.length > 0) {
      passages.push({ path, startLine: index - open.length + 1, endLine: index, text: open.join('\n') });
      open = [];
    }
  }
  return passages;
}
