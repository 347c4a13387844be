import type { Evidence, Passage, Source } from './artifact.ts';

/** The lines that a source cites: all of its passage, or some of them. */
export function citedPlace({ path, startLine, endLine, lines }: Source): Passage {
  return { path, startLine, endLine, ...lines };
}

/** The cited lines with their text, as others see them: without the rest of the passage, and without the seal. */
export function citedLines(source: Source): Evidence {
  const place = citedPlace(source);
  const lines = source.text.split('\n').slice(place.startLine - source.startLine, place.endLine - source.startLine + 1);
  const text = lines.join('\n');
  return { ...place, text: text === '' ? source.text : text };
}

/** Whether the cited lines are lines of the passage: others would be cited under its seal. */
export function isWithinPassage({ startLine, endLine, lines }: Source): boolean {
  if (lines === undefined) return true;
  return startLine <= lines.startLine && lines.startLine <= lines.endLine && lines.endLine <= endLine;
}
