import { RE2JS, RE2Set } from 're2js';
import { type Blob, blobsIn } from './blobs.ts';
import type { Policy } from './policy.ts';
import { originOf, type View, viewsOf } from './views.ts';

type Mask = Policy['output']['mask'][number];
export type Masked = { text: string; masked: number };

/** A place that must not leave, in units of the text it was found in. */
interface Place {
  start: number;
  end: number;
  id: string;
}

/** Encodings inside encodings that are followed: base64 of base64. */
const BLOB_DEPTH_MAX = 2;

/**
 * Masks what the rules' patterns find, as `[masked: <rule>]`: in the text, in all {@link viewsOf} it, and in what
 * its base64 and hex runs stand for, which are masked whole. RE2 syntax and linear time (re2js): no pattern can hang
 * the guard on a hostile text. Throws a sentence for a pattern that RE2 does not know, at start.
 */
export function masker(rules: readonly Mask[]): (text: string) => Masked {
  const find = finder(rules);
  const isOurs = new Set(rules.map(({ id }) => markOf(id)));
  return (text) => {
    if (rules.length === 0 || text === '') return { text, masked: 0 };
    const marks = [...text.matchAll(/\[masked: [a-z][a-z0-9-]*\]/g)].filter(([mark]) => isOurs.has(mark));
    const places = placesIn(find, viewsOf(text)).filter(
      ({ start, end }) => !marks.some(({ 0: mark, index }) => start >= index && end <= index + mark.length),
    );
    return replaceAll(text, merged(places));
  };
}

const markOf = (id: string): string => `[masked: ${id}]`;

type Find = (text: string) => Place[];

/** All patterns are tried at once, in one pass; only those that are there are looked for. */
function finder(rules: readonly Mask[]): Find {
  const patterns = rules.map(({ id, pattern }) => ({ id, expression: compile(id, pattern) }));
  const all = new RE2Set();
  for (const { pattern } of rules) all.add(pattern);
  all.compile();
  return (text) =>
    all.match(text).flatMap((index) => {
      const rule = patterns[index];
      if (rule === undefined) return [];
      const places: Place[] = [];
      const matcher = rule.expression.matcher(text);
      while (matcher.find()) {
        if (matcher.end() > matcher.start()) places.push({ start: matcher.start(), end: matcher.end(), id: rule.id });
      }
      return places;
    });
}

function placesIn(find: Find, views: readonly View[]): Place[] {
  return views.flatMap((view) =>
    [...find(view.text), ...hiddenIn(find, blobsIn(view.text), BLOB_DEPTH_MAX)].map(({ start, end, id }) => ({
      ...originOf(view, start, end),
      id,
    })),
  );
}

/** Blobs that stand for something that must not leave. They are searched together: one pass, however many there are. */
function hiddenIn(find: Find, blobs: readonly Blob[], depth: number): Place[] {
  if (blobs.length === 0 || depth === 0) return [];
  let text = '';
  const owners = blobs.map((blob) => {
    const start = text.length;
    text += `${blob.text}\n`;
    return { blob, start, end: text.length };
  });
  const found = [
    ...viewsOf(text).flatMap((view) =>
      find(view.text).map(({ start, end, id }) => ({ ...originOf(view, start, end), id })),
    ),
    ...hiddenIn(find, blobsIn(text), depth - 1),
  ];
  // Owners and merged places are both in order: one walk over both.
  let next = 0;
  return merged(found).flatMap(({ start, end, id }) => {
    const places: Place[] = [];
    while ((owners[next]?.end ?? Infinity) <= start) next += 1;
    for (let index = next; (owners[index]?.start ?? Infinity) < end; index += 1) {
      const blob = owners[index]?.blob;
      if (blob !== undefined) places.push({ start: blob.start, end: blob.end, id });
    }
    return places;
  });
}

/** Places that overlap are one place, under the name of the first. */
function merged(places: readonly Place[]): Place[] {
  const result: Place[] = [];
  for (const place of places.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last !== undefined && place.start < last.end) last.end = Math.max(last.end, place.end);
    else result.push({ ...place });
  }
  return result;
}

function replaceAll(text: string, places: readonly Place[]): Masked {
  let result = '';
  let done = 0;
  for (const { start, end, id } of places) {
    result += text.slice(done, start) + markOf(id);
    done = end;
  }
  return { text: result + text.slice(done), masked: places.length };
}

function compile(id: string, pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new Error(
      `The mask "${id}" has a pattern that RE2 cannot read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
