import { LOG, type Message, type RunId, type Token, USER } from '@troupe/contract';
import { effectsOf, type Effect } from './effects.ts';
import type { RoleFacts } from './role-facts.ts';
import type { Rule } from './rule.ts';
import { ofType, readRunLog, type RunLog } from './run-log.ts';
import { budgets } from './rules/budgets.ts';
import { causes } from './rules/causes.ts';
import { grants } from './rules/grants.ts';
import { identity } from './rules/identity.ts';
import { ledger } from './rules/ledger.ts';
import { marks } from './rules/marks.ts';
import { ordinals } from './rules/ordinals.ts';
import { questions } from './rules/questions.ts';
import { readable } from './rules/readable.ts';
import { result } from './rules/result.ts';
import { senders } from './rules/senders.ts';
import { steps } from './rules/steps.ts';
import type { Stored } from './stored.ts';

/** What is audited, in the order of the report. */
export const RULES: readonly Rule[] = [
  readable,
  identity,
  ordinals,
  steps,
  marks,
  causes,
  senders,
  result,
  ledger,
  grants,
  questions,
  budgets,
];

export interface Violation {
  run: RunId;
  rule: string;
  /** What is wrong, as a sentence. */
  sentence: string;
}

export interface AuditOptions {
  /** The roles' declarations: without them nobody's right to send is judged. */
  roles?: readonly RoleFacts[];
  /** Unix ms. What is younger than its deadline may still be at work; without it everything has to be settled. */
  now?: number;
  rules?: readonly Rule[];
}

/** What the log of one run says about it. */
export interface RunAudit {
  run: RunId;
  /** How it ended; `under way` if it has no result. */
  status: string;
  messages: number;
  /** Messages to a role that it has not answered; more than 0 in a run that is under way. */
  unanswered: number;
  /** Those of them whose time is not over: their answer may still be written. Counted if `now` was said. */
  awaited: number;
  /** Answers of models that are in the log. */
  answers: number;
  /** Calls of tools that are not idempotent, by the ledger. */
  effects: Effect[];
  violations: Violation[];
}

/** Audits one run from what is stored of it. Pure. */
export function auditRun(run: RunId, stored: readonly Stored[], options: AuditOptions = {}): RunAudit {
  const roles = new Map<Token, RoleFacts>((options.roles ?? []).map((role) => [role.name, role]));
  const log = readRunLog(run, stored, roles, options.now);
  const violations = (options.rules ?? RULES).flatMap((rule) =>
    rule.violations(log).map((sentence): Violation => ({ run, rule: rule.name, sentence })),
  );
  const unanswered = unansweredIn(log);
  return {
    run,
    status: ofType(log, 'run.ended')[0]?.message.body.status ?? 'under way',
    messages: stored.length,
    unanswered: unanswered.length,
    awaited: unanswered.filter((message) => !log.isDue(message)).length,
    answers: log.messages.filter(({ message }) => message.model !== undefined).length,
    effects: effectsOf(log),
    violations,
  };
}

function unansweredIn({ steps: all, messages }: RunLog): Message[] {
  const answered = new Set(all.map(({ from, cause }) => `${from} ${cause}`));
  return messages
    .filter(({ address: { to }, message }) => to !== USER && to !== LOG && !answered.has(`${to} ${message.id}`))
    .map(({ message }) => message);
}
