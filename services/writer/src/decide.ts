import { type Judged, oneAnswerDecider, type OneAnswerState, renumber, type Task } from '@troupe/agent';
import type { RoleDecider } from '@troupe/actor';
import { DraftSubmission, SUBMIT_DRAFT } from '@troupe/contract';
import { factsOf, firstTurn, sourcesOf, SYSTEM } from './prompt.ts';

/** task.assigned → draft. Every citation of the draft points to a source of the task's findings: checked here, in code. */
export const writer: RoleDecider<OneAnswerState> = oneAnswerDecider({
  name: 'writer',
  tier: 'medium',
  purpose: 'draft',
  system: SYSTEM,
  firstTurn,
  facts: factsOf,
  submit: SUBMIT_DRAFT,
  schema: DraftSubmission,
  judge,
});

function judge(task: Task, { markdown }: DraftSubmission, last: boolean): Judged {
  const { markdown: text, sources, unknown } = renumber(withoutSourceList(markdown), sourcesOf(task));
  if (text.trim() === '') return { ok: false, complaint: 'The report is empty.' };
  if (unknown.length > 0 && !last) {
    return {
      ok: false,
      complaint: `There is no source ${unknown.map((number) => `[${number}]`).join(', ')}. Cite only the sources listed.`,
    };
  }
  const artifact = { kind: 'draft' as const, markdown: text, sources };
  return unknown.length === 0
    ? { ok: true, artifact }
    : { ok: true, artifact, shortfall: 'citations of sources that do not exist were taken out' };
}

/** Models like to add the list themselves; ours is made from the sources, so that it is always right. */
function withoutSourceList(markdown: string): string {
  let inList = false;
  const kept = markdown.split('\n').filter((line) => {
    if (/^#{1,6}\s/.test(line)) inList = /^#{1,6}\s+(sources|references|citations)\s*$/i.test(line);
    return !inList;
  });
  return kept.join('\n').trimEnd();
}
