import type { Conversation, Effort, Heard } from '../character.ts';
import { parseJson } from '../incoming.ts';

/** The titles of the sections that prompts are made of: other headings belong to a section's content. */
const TITLES = [
  'Goal',
  'Roles',
  'Limits',
  'Question',
  'The goal that it is part of',
  'Your task',
  'Claims',
  'Sources',
  'Its sources',
  'What the documents do not answer',
  'Your draft, which was reviewed',
  'What the reviewer asks for',
  'What checks found wrong',
  'What you asked for in the round before',
];

const titleOf = (line: string): string | undefined => {
  const title = line.startsWith('## ') ? line.slice(3).trim() : undefined;
  return title !== undefined && (TITLES.includes(title) || title.startsWith('The draft, round ')) ? title : undefined;
};

/** What stands under a title of the first turn; empty if there is none. A title may be given by its beginning. */
export function sectionOf(text: string, wanted: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => titleOf(line)?.startsWith(wanted));
  if (start === -1) return '';
  const end = lines.findIndex((line, index) => index > start && titleOf(line) !== undefined);
  return lines
    .slice(start + 1, end === -1 ? undefined : end)
    .join('\n')
    .trim();
}

export const itemsOf = (section: string): string[] =>
  section.split('\n').flatMap((line) => (line.startsWith('- ') ? [line.slice(2).trim()] : []));

export const userTexts = ({ messages }: Conversation): string[] =>
  messages.flatMap((heard) => (heard.role === 'user' ? [heard.text] : []));

export const firstText = (conversation: Conversation): string => userTexts(conversation)[0] ?? '';

export const offers = ({ tools }: Conversation, name: string): boolean => tools.some((tool) => tool.name === name);

export const callsIn = ({ messages }: Conversation, name: string) =>
  messages.flatMap((heard) => (heard.role === 'assistant' ? heard.calls.filter((call) => call.name === name) : []));

const CLOSING = /no more|not allowed|nothing else|\bonly\b/i;

/** Whether it is said, in a setting or in the last words, that from now on only `name` may be called. */
export function isAskedFor({ choice, messages }: Conversation, name: string): boolean {
  if (typeof choice !== 'string') return choice.name === name;
  const last = messages.at(-1);
  return last?.role === 'user' && messages.length > 1 && last.text.includes(name) && CLOSING.test(last.text);
}

export interface Passage {
  path: string;
  startLine: number;
  endLine: number;
  text: string;
}

/** Passages that tool results held, each once, in order. */
export function passagesIn({ messages }: Conversation): Passage[] {
  const byPlace = new Map<string, Passage>();
  for (const passage of messages.flatMap(passagesOf))
    byPlace.set(`${passage.path}:${passage.startLine}-${passage.endLine}`, passage);
  return [...byPlace.values()];
}

function passagesOf(heard: Heard): Passage[] {
  if (heard.role !== 'result' || heard.failed) return [];
  const content = parseJson(heard.text)?.value;
  if (!isObject(content) || !Array.isArray(content['results'])) return [];
  return content['results'].filter(isPassage);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function isPassage(value: unknown): value is Passage {
  if (!isObject(value)) return false;
  const { path, startLine, endLine, text } = value;
  return (
    typeof path === 'string' && typeof startLine === 'number' && typeof endLine === 'number' && typeof text === 'string'
  );
}

const STOP_WORDS = new Set(
  'the and for that this with from what which when where who how why are was were has have had does did not its of to in on at by is it as an or be can about into find out explain describe write report documents document question goal each'.split(
    ' ',
  ),
);

/** The telling words of a text, each once. */
export function tellingWords(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}-]+/gu) ?? [];
  return [...new Set(words)].filter((word) => word.length > 2 && !STOP_WORDS.has(word));
}

const THOUGHT =
  'The task asks for one thing, so I look at what is given, at what is missing, and at which of the tools brings it. ';
const THOUGHT_CHARS: Readonly<Record<Effort, number>> = {
  none: 0,
  low: 350,
  medium: 1_400,
  high: 2_800,
  xhigh: 7_000,
  max: 14_000,
};

/** What is thought before an answer: as much as the effort says. */
export function thoughtsOf({ effort }: Conversation, times = 1): string {
  const chars = THOUGHT_CHARS[effort] * times;
  return THOUGHT.repeat(Math.ceil(chars / THOUGHT.length)).slice(0, chars);
}
