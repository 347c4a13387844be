import { type Judged, oneAnswerDecider, type OneAnswerState, type Task } from '@troupe/agent';
import type { RoleDecider } from '@troupe/actor';
import { ReviewSubmission, SUBMIT_REVIEW } from '@troupe/contract';
import { citationProblems, draftOf } from './checks.ts';
import { factsOf, firstTurn, SYSTEM } from './prompt.ts';

/** task.assigned (a draft and its evidence) → critique. */
export const critic: RoleDecider<OneAnswerState> = oneAnswerDecider({
  name: 'critic',
  tier: 'medium',
  purpose: 'critique',
  system: SYSTEM,
  firstTurn,
  facts: factsOf,
  submit: SUBMIT_REVIEW,
  schema: ReviewSubmission,
  judge,
});

function judge(task: Task, { verdict, reasons }: ReviewSubmission): Judged {
  const draft = draftOf(task);
  const problems = draft === undefined ? ['there is no draft to review'] : citationProblems(draft);
  // What the checks find wrong stays wrong, whatever the model thinks of it.
  if (verdict === 'accept' && problems.length > 0)
    return { ok: true, artifact: { kind: 'critique', verdict: 'revise', reasons: problems.slice(0, 16) } };
  if (verdict === 'revise' && reasons.length === 0)
    return { ok: false, complaint: 'Say what has to change: give at least one reason.' };
  return { ok: true, artifact: { kind: 'critique', verdict, reasons } };
}
