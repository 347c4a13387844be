import {
  citedLines,
  cut,
  type Evidence,
  type MessageOf,
  type Outgoing,
  QUOTE_CHARS_MAX,
  REASON_CHARS_MAX,
  REPORT_CHARS_MAX,
  RESULT_CHARS_MAX,
} from '@troupe/contract';
import { type Addresses, addressesOf } from './addresses.ts';
import { type Inert, inertLine } from './inline.ts';
import { visible } from './invisible.ts';
import { inertMarkdown } from './markdown.ts';
import type { Policy } from './policy.ts';
import { sourceList, SOURCES_HEADING } from './sources.ts';

/** What the output check works with. */
export interface CheckConfig {
  policy: Pick<Policy, 'output'>;
  /** Replaces what must not leave; returns how many places were masked. */
  mask(text: string): { text: string; masked: number };
}

/** What may leave of a text, and how many places were masked and made harmless for it. */
interface Checked {
  text: string;
  masked: number;
  neutralised: number;
}

/** Escapes and masks make a report longer; no more than this leaves, in characters. */
const CHECKED_CHARS_MAX = REPORT_CHARS_MAX + 16_000;

/** One pass may uncover what the next one finds. A text that has not settled after so many is not let out. */
const PASSES_MAX = 6;

/**
 * Checks all that a run hands out, as its user gets it: the report with its list of sources, and the reason. What leaves
 * is masked, does nothing in a reader, and cites only sources that it has. A second check would change nothing.
 */
export function outputCheck(config: CheckConfig, input: MessageOf<'output.proposed'>): Outgoing[] {
  const { goal, markdown, reason } = input.body;
  // What leaves, and what may be linked to, are the lines that are cited, not the whole passages.
  const sources = input.body.sources.map(citedLines);
  const base = { to: 'supervisor', task: input.task, budget: input.budget, integrity: input.integrity };
  const refused = (why: string): Outgoing[] => [{ ...base, type: 'output.refused', body: { reason: why } }];
  const texts = sources.map(({ text }) => text);
  const addresses = addressesOf(goal, texts, config.policy.output);
  // Bounded, and with its code blocks closed, the report takes a list of sources behind it.
  const shown = config.mask(markdown);
  const report = inertMarkdown(shown.text, addresses, CHECKED_CHARS_MAX);
  const list = listOf(config, sources);
  const whole = settled(config, documentOf(report.text, list.text), (text) =>
    inertMarkdown(text, addresses, RESULT_CHARS_MAX),
  );
  const said = settled(config, reason ?? '', (text) => inertReason(text, addresses));
  if (whole === undefined || said === undefined) return refused('It could not be made harmless.');
  const dangling = danglingIn(list.text === '' ? whole.text : reportOf(whole.text), sources.length);
  if (dangling.length > 0) {
    const numbers = cut(dangling.join(', '), QUOTE_CHARS_MAX);
    return refused(`The report cites sources that it does not have: ${numbers}.`);
  }
  const parts = [{ ...report, masked: shown.masked }, said, list, whole];
  const body = {
    markdown: whole.text,
    ...(reason === undefined ? {} : { reason: said.text }),
    masked: parts.reduce((sum, { masked }) => sum + masked, 0),
    neutralised: parts.reduce((sum, { neutralised }) => sum + neutralised, 0),
  };
  return [{ ...base, type: 'output.approved', body }];
}

/** Masks and defuses a text until that changes nothing any more; undefined if there is no end to it. */
function settled(config: CheckConfig, original: string, inert: (text: string) => Inert): Checked | undefined {
  let text = original;
  let masked = 0;
  let neutralised = 0;
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const shown = config.mask(text);
    const harmless = inert(shown.text);
    if (harmless.text === text) return { text, masked, neutralised };
    text = harmless.text;
    masked += shown.masked;
    neutralised += harmless.neutralised;
  }
  return undefined;
}

function danglingIn(report: string, sourceCount: number): string[] {
  const numbers = [...report.matchAll(/\[(\d{1,4})\]/g)].map(([, digits]) => Number(digits));
  return [...new Set(numbers.filter((n) => n < 1 || n > sourceCount))].map((n) => `[${n}]`);
}

/** A document without its list of sources, which is the last part: a path cannot break its line. */
const reportOf = (whole: string): string => whole.slice(0, whole.lastIndexOf(SOURCES_HEADING));

function listOf(config: CheckConfig, sources: readonly Evidence[]): Checked {
  let masked = 0;
  const shown = sources.map((source) => {
    const path = config.mask(visible(source.path).text);
    masked += path.masked;
    return { ...source, path: path.text };
  });
  return { text: sourceList(shown), masked, neutralised: 0 };
}

const documentOf = (report: string, list: string): string =>
  report === '' && list === '' ? '' : `${report.trimEnd()}\n${list}`;

/** A reason is one line. Escapes make it longer: it is cut until it fits. */
function inertReason(text: string, addresses: Addresses): Inert {
  const { text: seen, removed } = visible(text);
  const line = seen.replaceAll(/\s+/g, ' ').trim();
  for (let length = line.length; ; length = Math.floor(length / 2)) {
    const inert = inertLine(line.slice(0, length), addresses);
    if (inert.text.length <= REASON_CHARS_MAX) return { text: inert.text, neutralised: inert.neutralised + removed };
  }
}
