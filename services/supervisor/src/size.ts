import { type Artifact, type Draft, type Findings, jsonSize, NESTING_MAX } from '@troupe/contract';
import { renumber } from '@troupe/agent';

/** What stands for a draft whose text was nothing but marks of sources that it does not have. */
export const NOTHING_LEFT = 'The draft held nothing that can be kept.';

const encoder = new TextEncoder();
/** Less than this is not worth keeping. */
const TEXT_BYTES_MIN = 16;
const sizes = new WeakMap<object, number>();

/** Bytes of a value as JSON, which is never less than its msgpack. Measured once per object. */
export function jsonBytes(value: object | string): number {
  if (typeof value === 'string') return encoder.encode(JSON.stringify(value)).length;
  const known = sizes.get(value) ?? encoder.encode(JSON.stringify(value)).length;
  sizes.set(value, known);
  return known;
}

/** No character takes more than six bytes ("\u0000"); no number, name or sign of a value takes more than these. */
const CHAR_BYTES_MAX = 6;
const NODE_BYTES_MAX = 32;

/** Whether a value is far too small to be over a bound: what nearly all are, without writing their JSON. */
export function isWithinBytes(value: unknown, bytesMax: number): boolean {
  const bounds = { charsMax: bytesMax / CHAR_BYTES_MAX, nodesMax: bytesMax / NODE_BYTES_MAX, depthMax: NESTING_MAX };
  const size = jsonSize(value, bounds);
  return size !== undefined && size.chars * CHAR_BYTES_MAX + size.nodes * NODE_BYTES_MAX <= bytesMax;
}

/** As much of the start of a text as fits. The same string if all of it does. */
export function textWithin(text: string, bytesMax: number): string {
  if (text.length * CHAR_BYTES_MAX + 2 <= bytesMax) return text;
  let cut = text;
  for (let bytes = jsonBytes(cut); bytes > bytesMax && cut !== ''; bytes = jsonBytes(cut))
    cut = cut.slice(0, Math.floor((cut.length * bytesMax) / bytes) - 1);
  return cut;
}

/** The first texts that fit, the last of them cut if need be. The same list if all do. */
export function textsWithin(texts: string[], bytesMax: number): string[] {
  if (isWithinBytes(texts, bytesMax - TEXT_BYTES_MIN) && !texts.includes('')) return texts;
  let left = bytesMax;
  const kept = texts.flatMap((text) => {
    const cut = left > TEXT_BYTES_MIN ? textWithin(text, left) : '';
    left -= jsonBytes(cut) + 1;
    return cut === '' ? [] : [cut];
  });
  return kept.length === texts.length && kept.every((text, index) => text === texts[index]) ? texts : kept;
}

/**
 * Artifacts that together fit into one message. What is smaller than an equal share stays whole, the rest is cut to
 * what is left. The same list if all fit, which they do unless somebody sends as much as the schemas allow.
 */
export function artifactsWithin(artifacts: Artifact[], bytesMax: number): Artifact[] {
  if (isWithinBytes(artifacts, bytesMax)) return artifacts;
  if (artifacts.reduce((sum, artifact) => sum + jsonBytes(artifact), 0) <= bytesMax) return artifacts;
  let left = bytesMax;
  let count = artifacts.length;
  const cut = new Map<Artifact, Artifact>();
  for (const artifact of artifacts.toSorted((a, b) => jsonBytes(a) - jsonBytes(b))) {
    const fitting = artifactWithin(artifact, Math.floor(left / count));
    cut.set(artifact, fitting);
    left -= jsonBytes(fitting);
    count -= 1;
  }
  return artifacts.map((artifact) => cut.get(artifact) ?? artifact);
}

const FRAME_BYTES = 128;

function artifactWithin(artifact: Artifact, bytesMax: number): Artifact {
  if (jsonBytes(artifact) <= bytesMax) return artifact;
  const room = Math.max(0, bytesMax - FRAME_BYTES);
  switch (artifact.kind) {
    case 'findings':
      return findingsWithin(artifact, room);
    case 'draft':
      return draftWithin(artifact, room);
    case 'critique':
      return { ...artifact, reasons: textsWithin(artifact.reasons, room) };
  }
}

function findingsWithin(findings: Findings, bytesMax: number): Findings {
  const gaps = textsWithin(findings.gaps, Math.floor(bytesMax / 4));
  let left = bytesMax - jsonBytes(gaps);
  const claims = findings.claims.filter((claim) => (left -= jsonBytes(claim) + 1) >= 0);
  return { ...findings, claims, gaps };
}

/** The text matters more than its sources, which the findings beside it hold too. */
function draftWithin({ kind, markdown, sources }: Draft, bytesMax: number): Draft {
  const text = textWithin(markdown, bytesMax);
  let left = bytesMax - jsonBytes(text);
  const kept = sources.map((source) => ((left -= jsonBytes(source) + 1) >= 0 ? source : undefined));
  return { kind, ...renumbered(text, kept) };
}

function renumbered(text: string, sources: readonly (Draft['sources'][number] | undefined)[]) {
  const { markdown, sources: cited } = renumber(text, sources);
  return { markdown: markdown === '' ? NOTHING_LEFT : markdown, sources: cited };
}
