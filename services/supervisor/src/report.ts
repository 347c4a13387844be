import { renumber } from '@troupe/agent';
import {
  CLAIMS_MAX,
  cut,
  type Draft,
  type Outgoing,
  REASON_CHARS_MAX,
  REPORT_BYTES_MAX,
  REPORT_CHARS_MAX,
  RESULT_BYTES_MAX,
  RUN_TASK,
  TEXT_CHARS_MAX,
  USER,
} from '@troupe/contract';
import { textWithin } from './size.ts';
import type { Checking, Facts, Running } from './state.ts';

/** What was found, as a report: for a run that a limit ended before anybody wrote one. */
export function partialDraft(run: Running, isPartial: boolean): Draft {
  const claims = run.nodes
    .flatMap(({ artifact }) => (artifact?.kind === 'findings' ? artifact.claims : []))
    .slice(0, CLAIMS_MAX * 4);
  const sources = claims.map(({ source }) => source);
  const lines = withinReport(claims.map(({ text }, index) => `- ${withoutMarks(text)} [${index + 1}]`));
  const body = lines.length === 0 ? 'Nothing was found before the run ended.' : lines.join('\n');
  const text = `# ${run.goal.slice(0, 200)}\n\n${isPartial ? 'This report is not finished. ' : ''}What was found:\n\n${body}`;
  const { markdown, sources: cited } = renumber(textWithin(text, REPORT_BYTES_MAX), sources);
  return { kind: 'draft', markdown, sources: cited };
}

/** A number in brackets inside a claim is not a citation of ours. */
const withoutMarks = (text: string): string => text.replaceAll(/\[(\d{1,4})\]/g, '($1)');

const LIST_CHARS_MAX = REPORT_CHARS_MAX - 1_000;

/** As many lines as a report can hold. */
function withinReport(lines: readonly string[]): string[] {
  let chars = 0;
  return lines.filter((line) => (chars += line.length + 1) <= LIST_CHARS_MAX);
}

/** The one result of a run. Its reason may quote anybody: it is cut, because a result that is refused ends nothing. */
export function runEnded(
  facts: Pick<Facts, 'goal' | 'spent' | 'startedAt' | 'deadlineAt'>,
  result: { status: Outgoing<'run.ended'>['body']['status']; reason?: string | undefined; markdown?: string },
): Outgoing {
  const { goal, spent, startedAt, deadlineAt } = facts;
  const reason = result.reason === undefined ? {} : { reason: cut(result.reason, TEXT_CHARS_MAX) };
  return {
    type: 'run.ended',
    body: { status: result.status, ...reason, goal, markdown: result.markdown ?? '', spent, startedAt },
    to: USER,
    task: RUN_TASK,
    budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt },
    integrity: 'outside',
  };
}

/** All of a result that the supervisor did not write itself goes to the guard, and only what comes back leaves. */
export function proposed(
  { goal, deadlineAt }: Pick<Facts, 'goal' | 'deadlineAt'>,
  { markdown, sources }: Pick<Draft, 'markdown' | 'sources'>,
  reason: string | undefined,
): Outgoing {
  return {
    type: 'output.proposed',
    body: { goal, markdown, sources, ...(reason === undefined ? {} : { reason: cut(reason, REASON_CHARS_MAX) }) },
    to: 'policy-guard',
    task: RUN_TASK,
    budget: { tokens: 0, toolCalls: 0, steps: 1, deadlineAt },
    integrity: 'outside',
  };
}

/** The result after the output check: what the guard let out, and nothing beside it. */
export function checkedResult(state: Checking): Outgoing[] {
  const { verdict, draft, isShort } = state;
  if (verdict === undefined) return [];
  if (!verdict.ok)
    return [runEnded(state, { status: 'failed', reason: `The report was not let out: ${verdict.reason}` })];
  const status = isShort ? (draft.sources.length > 0 ? 'partial' : 'failed') : 'completed';
  return [
    runEnded(state, { status, reason: verdict.reason, markdown: textWithin(verdict.markdown, RESULT_BYTES_MAX) }),
  ];
}
