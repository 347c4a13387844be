import { subjectTerms, words } from './terms.ts';

const CLAUSE_END =
  /(?<=[.!?;:])\s+|\n+|,\s+(?=and\s|but\s|as well\s|then\s|how\s|why\s|what\s|when\s|where\s|which\s|who\s)|\s+(?=and\s+(?:how|why|what|when|where|which|who|explain|describe|compare|list|show|then|also|summari[sz]e|translate|tell)\b)/i;
const LEADING =
  /^(?:(?:and|but|then|also|as well as|finally|please|can you|could you|i want to know|tell me)\s+|(?:write|prepare|produce|give|create|make)\s+(?:me\s+|us\s+)?(?:an?|the)?\s*(?:[\w-]+\s+){0,2}?(?:report|summary|overview|comparison|article|explanation|answer)\s+(?:on|about|of|to|for|that\s+\w+)\s+|(?:explain|describe|summari[sz]e|discuss|outline|compare|investigate|research|analy[sz]e|find out)\s+)+/i;
/** Between two subjects of one clause. */
const PAIR = /,\s+(?:and\s+|or\s+)?|\s+(?:and|or|versus|vs\.?|as well as|compared (?:to|with))\s+/i;
const PLACE = /\s(?:in|of|for|within|on|under|during|between|at)\s+(.*[\p{L}\p{N}])/iu;
const WORDS_TO_SPLIT = 4;

/** The clauses of a goal: sentences, questions, and what follows "and how", "and explain" and the like. */
export function clausesOf(goal: string): string[] {
  return goal
    .split(CLAUSE_END)
    .map((clause) => clause.trim())
    .filter((clause) => /[\p{L}\p{N}]/u.test(clause));
}

/**
 * What there is to find out about a goal, as 1 to `max` short texts: its clauses, or if it has only one, the subjects
 * that it joins, or else the two halves of what it is about. A goal of less than four telling words stays whole.
 */
export function aspectsOf(goal: string, max: number): string[] {
  const clauses = clausesOf(goal)
    .map(bare)
    .filter((clause) => subjectTerms(clause).length > 0);
  const whole = bare(goal.replace(/\s+/g, ' ').trim()) || 'the goal';
  const candidates = clauses.length > 1 ? clauses : splitClause(clauses[0] ?? whole);
  const aspects = distinct(candidates);
  if (max <= 1 || aspects.length <= 1) return [whole];
  return aspects.length <= max ? aspects : [...aspects.slice(0, max - 1), aspects.slice(max - 1).join('; ')];
}

function splitClause(clause: string): string[] {
  const terms = subjectTerms(clause);
  if (terms.length < WORDS_TO_SPLIT) return [clause];
  const parts = clause
    .split(PAIR)
    .map(bare)
    .filter((part) => subjectTerms(part).length > 0);
  if (parts.length > 1) return parts.map((part) => inContext(part, clause));
  const half = Math.ceil(terms.length / 2);
  const [head, first, second] = [terms.slice(0, 2), terms.slice(0, half), terms.slice(half)].map((some) =>
    some.map(({ word }) => word).join(' '),
  );
  return [first ?? clause, `${second} (${head})`];
}

/** Of "grants, approvals and audit in the tool path" each part takes the end, "tool path", along. */
function inContext(part: string, clause: string): string {
  const end = PLACE.exec(clause.split(PAIR).at(-1) ?? '')?.[1] ?? '';
  if (end === '' || part.endsWith(end)) return part;
  return `${part} (${subjectTerms(end)
    .map(({ word }) => word)
    .join(' ')})`;
}

/** Without leading orders ("explain", "write a report on") and closing punctuation. */
function bare(clause: string): string {
  return clause
    .trim()
    .replace(LEADING, '')
    .replace(/[\s.,;:!?]+$/, '')
    .trim();
}

function distinct(candidates: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const candidate of candidates) {
    const key = words(candidate).join(' ');
    if (!seen.has(key)) seen.set(key, candidate);
  }
  return [...seen.values()];
}

/** At most `charsMax` characters, cut between words, with a mark where something was cut. */
export function clip(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const cut = text.slice(0, charsMax - 1);
  const lastBlank = cut.lastIndexOf(' ');
  return `${lastBlank > charsMax / 2 ? cut.slice(0, lastBlank) : cut}…`;
}
