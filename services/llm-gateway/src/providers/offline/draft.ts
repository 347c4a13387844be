import { REPORT_CHARS_MAX } from '@troupe/contract';
import type { DraftSubmission, WriteFacts } from '@troupe/contract';
import { clip } from './aspects.ts';
import { plainText } from './plain-text.ts';
import { reportSentences } from './report-sentences.ts';
import { cited, isSupported, withoutRepeats } from './statement.ts';
import type { Statement } from './statement.ts';
import { subjectTerms } from './terms.ts';

const TITLE_CHARS_MAX = 120;
/** The rest of a report's room is for its statements. */
const GAPS_CHARS_MAX = 8_000;
const STATEMENTS_CHARS_MAX = REPORT_CHARS_MAX - GAPS_CHARS_MAX - 2_000;

/**
 * A report made of the claims alone: each is a sentence with the number of its source, the first of them leads, the
 * others stand under the name of their document. A revision keeps what was sound in the report before it, adds the
 * claims that it left out and says what nothing was found about.
 */
export function draftOf(prompt: WriteFacts): DraftSubmission {
  const statements = fitting(withoutRepeats(statementsOf(prompt)));
  const parts = [`# ${titleOf(prompt.goal)}`, ...body(statements, prompt), ...gapsSection(prompt, statements)];
  return { markdown: parts.join('\n\n') };
}

function statementsOf(prompt: WriteFacts): Statement[] {
  const known = new Set(prompt.sources.map(({ number }) => number));
  const claims = prompt.claims
    .filter(({ source }) => known.has(source))
    .map(({ text, source }) => ({ text: plainText(text), numbers: [source] }));
  return prompt.revision ? [...soundSentences(prompt), ...claims] : claims;
}

/** The previous report's sentences that cite only sources which exist and which hold what they say. */
function soundSentences({ revision, sources }: WriteFacts): Statement[] {
  const texts = new Map(sources.map(({ number, text }) => [number, text]));
  return reportSentences(revision?.previous ?? '').filter(({ text, numbers }) => {
    const passages = numbers.flatMap((number) => texts.get(number) ?? []);
    const exist = numbers.length > 0 && passages.length === numbers.length;
    return exist && isSupported(text, passages);
  });
}

function fitting(statements: readonly Statement[]): Statement[] {
  let chars = 0;
  return statements.filter((statement) => {
    chars += cited(statement).length + 2;
    return chars <= STATEMENTS_CHARS_MAX;
  });
}

function body(statements: readonly Statement[], prompt: WriteFacts): string[] {
  const [lead, ...others] = statements;
  if (!lead) return ['The documents do not hold an answer to this question.'];
  const sections = new Map<string, Statement[]>();
  for (const statement of others) {
    const path = prompt.sources.find(({ number }) => number === statement.numbers[0])?.path ?? '';
    sections.set(path, [...(sections.get(path) ?? []), statement]);
  }
  const headings = headingsOf([...sections.keys()]);
  return [
    cited(lead),
    ...[...sections].flatMap(([path, own]) => [`## ${headings.get(path) ?? path}`, own.map(cited).join(' ')]),
  ];
}

/** Documents' names as headings: "docs/durable-log.md" is "Durable log", unless two would be named the same. */
function headingsOf(paths: readonly string[]): Map<string, string> {
  const names = paths.map((path) => named(path.split('/').at(-1) ?? path));
  return new Map(
    paths.map((path, index) => {
      const name = names[index] ?? path;
      return [path, names.filter((other) => other === name).length > 1 ? `${name} (${path})` : name];
    }),
  );
}

function named(file: string): string {
  const words = file
    .replace(/\.[a-z0-9]{1,8}$/i, '')
    .replace(/[-_\s]+/g, ' ')
    .trim();
  return capitalized(words === '' ? file : words);
}

function gapsSection(prompt: WriteFacts, statements: readonly Statement[]): string[] {
  const gaps = [...new Set([...prompt.gaps, ...unaddressed(prompt, statements)])].map((gap) => plainText(gap));
  let chars = 0;
  const items = gaps.map((gap) => `- ${gap}`).filter((item) => (chars += item.length + 1) <= GAPS_CHARS_MAX);
  return items.length === 0 ? [] : [`## What the documents do not answer`, items.join('\n')];
}

/** Words of the goal that a reviewer missed, and that no claim is about: that there is nothing is said plainly. */
function unaddressed({ goal, revision, gaps }: WriteFacts, statements: readonly Statement[]): string[] {
  if (!revision) return [];
  const asked = new Set(revision.reasons.flatMap((reason) => subjectTerms(reason).map(({ stem }) => stem)));
  const said = [...statements.map(({ text }) => text), ...gaps].join(' ');
  const addressed = new Set(subjectTerms(said).map(({ stem }) => stem));
  const missing = subjectTerms(goal).filter(({ stem }) => asked.has(stem) && !addressed.has(stem));
  return missing.length === 0 ? [] : [`Nothing was found about: ${missing.map(({ word }) => word).join(', ')}.`];
}

/** The goal's first sentence as a title. */
function titleOf(goal: string): string {
  const first = /^.*?[?!.](?=\s|$)/.exec(plainText(goal))?.[0] ?? plainText(goal);
  return capitalized(clip(first.replace(/[.\s]+$/, ''), TITLE_CHARS_MAX)) || 'Report';
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
