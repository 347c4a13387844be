import { fc, test } from '@fast-check/vitest';
import {
  type Artifact,
  CLAIM_CHARS_MAX,
  CLAIMS_MAX,
  encode,
  encodeJson,
  INPUTS_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  type Outgoing,
  PASSAGE_CHARS_MAX,
  type PlannedTask,
  REPORT_BYTES_MAX,
  REPORT_CHARS_MAX,
  RESULT_CHARS_MAX,
  type Source,
  SOURCES_MAX,
  TEXT_CHARS_MAX,
} from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { approved, goal, Play, planAnswer, planned, sealed, sent } from './play.fixture.ts';
import { artifactsWithin, isWithinBytes, jsonBytes, textsWithin, textWithin } from './size.ts';

describe('a value that is far too small to be over a bound', () => {
  const value = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 });

  test.prop([value, fc.nat({ max: 2_000 })])('is not over it', (whole, bytesMax) => {
    if (isWithinBytes(whole, bytesMax)) expect(jsonBytes([whole]) - 2).toBeLessThanOrEqual(bytesMax);
    expect(isWithinBytes(whole, 32 * jsonBytes([whole]))).toBe(true);
  });
});

describe('what is longest as JSON', () => {
  const many = (part: unknown) => Array.from({ length: 50 }, () => part);

  it.each<[string, unknown]>([
    ['controls', '\u0000'.repeat(200)],
    ['half surrogate pairs', '\ud800'.repeat(200)],
    ['keys of controls', { ['\u0000'.repeat(200)]: '' }],
    ['long numbers', many(-Number.MAX_VALUE)],
    ['long numbers with keys', Object.fromEntries(many(0).map((_, index) => [`${index}`, -Number.MAX_VALUE]))],
    ['empty texts with empty keys', many({ '': '' })],
  ])('is not taken for small: %s', (_what, value) => {
    let least = 0;
    while (!isWithinBytes(value, least)) least += 1;
    expect(jsonBytes([value]) - 2).toBeLessThanOrEqual(least);
  });
});

describe('a text', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });

  test.prop([text, fc.nat({ max: 2_000 })])('is cut to its bound, and to a start of itself', (whole, bytesMax) => {
    const cut = textWithin(whole, bytesMax);
    expect(whole.startsWith(cut)).toBe(true);
    if (cut !== '') expect(jsonBytes(cut)).toBeLessThanOrEqual(bytesMax);
    if (jsonBytes(whole) <= bytesMax) expect(cut).toBe(whole);
  });

  test.prop([fc.array(text, { maxLength: 12 }), fc.integer({ min: 2, max: 4_000 })])(
    'in a list is cut so that the list fits, and a list that fits stays the same',
    (texts, bytesMax) => {
      const kept = textsWithin(texts, bytesMax);
      expect(jsonBytes(kept)).toBeLessThanOrEqual(Math.max(2, bytesMax + 2));
      if (kept !== texts) expect(kept.length).toBeLessThanOrEqual(texts.length);
    },
  );
});

describe('inputs of a task', () => {
  const of = (kind: 'findings' | 'draft' | 'critique', chars: number): Artifact => {
    const text = 'x'.repeat(chars);
    if (kind === 'draft') return { kind, markdown: text, sources: [] };
    return kind === 'critique' ? { kind, verdict: 'revise', reasons: [text] } : { kind, claims: [], gaps: [text] };
  };

  it('that fit stay the same list', () => {
    const inputs = [of('findings', 1_000), of('draft', 1_000)];
    expect(artifactsWithin(inputs, 4_000)).toBe(inputs);
  });

  it('that do not fit are cut where they are largest; the small ones stay whole and in their places', () => {
    const inputs = [of('findings', 100), of('draft', 20_000), of('critique', 100)];
    const kept = artifactsWithin(inputs, 4_000);
    expect([kept[0], kept[2]]).toEqual([inputs[0], inputs[2]]);
    expect(kept[1]?.kind).toBe('draft');
    expect(kept.reduce((sum, artifact) => sum + jsonBytes(artifact), 0)).toBeLessThanOrEqual(4_000);
  });

  it('of the largest artifacts that schemas allow fit together', () => {
    const large = { kind: 'draft' as const, markdown: '\u0001'.repeat(REPORT_CHARS_MAX), sources: [] };
    const kept = artifactsWithin(
      Array.from({ length: 14 }, () => ({ ...large })),
      INPUTS_BYTES_MAX,
    );
    expect(kept.reduce((sum, artifact) => sum + jsonBytes(artifact), 0)).toBeLessThanOrEqual(INPUTS_BYTES_MAX);
    expect(REPORT_BYTES_MAX).toBeLessThan(INPUTS_BYTES_MAX);
  });
});

/** Plans of as many tasks as may be: questions for a report, chapters for a report, a chain. */
const WIDE = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'];
const PLANS: Record<string, PlannedTask[]> = {
  'eleven questions and a report': [...WIDE.map((id) => planned(id, 'researcher')), planned('w', 'writer', ...WIDE)],
  'five questions, five chapters and a report': [
    ...WIDE.slice(0, 5).map((id) => planned(id, 'researcher')),
    ...WIDE.slice(5, 10).map((id) => planned(id, 'writer', ...WIDE.slice(0, 5))),
    planned('w', 'writer', ...WIDE.slice(0, 10)),
  ],
  'a chain': WIDE.map((id, index) =>
    planned(id, index % 2 === 0 ? 'researcher' : 'writer', ...WIDE.slice(Math.max(0, index - 1), index)),
  ).concat(planned('w', 'writer', 'k')),
};

/** Characters that take most room: in UTF-8, as an escape in JSON, or neither. */
const CHARS = ['x', '語', '\u0001', '"', '\ud800'];

/** An artifact at the maximum of its schema, from a worker that wants to make the supervisor's messages too large. */
function hostile(kind: Artifact['kind'], char: string, place: number, marks: string): Artifact {
  const text = (chars: number) => char.repeat(chars);
  const source = (line: number): Source =>
    sealed({ path: `${place}${text(500)}`, startLine: line, endLine: line, text: text(PASSAGE_CHARS_MAX) });
  switch (kind) {
    case 'findings':
      return {
        kind,
        claims: Array.from({ length: CLAIMS_MAX }, (_, index) => ({
          // A small claim lets many long paths through, a large one much text.
          text: index % 2 === 0 ? 'x' : text(CLAIM_CHARS_MAX),
          source: { ...source(index + 1), ...(index % 3 === 0 ? small(place, index) : {}) },
        })),
        gaps: Array.from({ length: CLAIMS_MAX }, () => text(TEXT_CHARS_MAX)),
      };
    case 'draft':
      return {
        kind,
        markdown: marks + text(REPORT_CHARS_MAX - marks.length),
        sources: Array.from({ length: SOURCES_MAX }, (_, index) => source((index % CLAIMS_MAX) + 1)),
      };
    case 'critique':
      return { kind, verdict: 'revise', reasons: Array.from({ length: 16 }, () => text(TEXT_CHARS_MAX)) };
  }
}

const small = (place: number, index: number): Source =>
  sealed({ path: `${place}${'p'.repeat(510)}`, startLine: index + 1, endLine: index + 1, text: '' });

const MARKS = Array.from({ length: SOURCES_MAX }, (_, index) => `[${index + 1}]`).join('');
const MOST = Number.MAX_SAFE_INTEGER;

/** Bytes of what the runtime writes of an output; it would refuse to write more than the bound. */
function bytesOf(output: Outgoing): number {
  const envelope = { id: 'x'.repeat(128), run: 'x'.repeat(36), cause: 'x'.repeat(128), tenant: 'x'.repeat(48), v: 1 };
  const { to: _to, ...content } = output;
  const message = { ...content, ...envelope, at: MOST, part: [0, 12] };
  return (output.to === 'user' ? encodeJson(message, MOST) : encode(message, MOST)).length;
}

/** Many large messages are encoded: on a busy machine that takes its time, which says nothing. */
const LONG_MS = 180_000;

describe.each(Object.entries(PLANS))(
  'given a plan of %s and workers that send as much as schemas allow',
  (_name, plan) => {
    test.prop(
      [
        fc.constantFrom(...CHARS),
        fc.constantFrom('', MARKS),
        fc.array(fc.constantFrom<Artifact['kind']>('findings', 'draft', 'critique'), { minLength: 1, maxLength: 9 }),
        fc.boolean(),
      ],
      { numRuns: 12 },
    )(
      'when the run is played to its end, then no message is larger than it may be',
      (char, marks, odd, areOdd) => {
        const play = new Play();
        const wish = {
          goal: char.toWellFormed().repeat(8_000),
          options: { preset: 'large', revisions_max: 2, tasks_max: 12 },
        };
        const accepted = goal({ revisions_max: 2, tasks_max: 12 });
        let outputs = play.answer(
          { ...accepted, body: { goal: { ...accepted.body.goal, goal: wish.goal } } },
          planAnswer(plan),
        );
        const open: Extract<Outgoing, { type: 'task.assigned' }>[] = [];
        for (let turn = 0; turn < 60; turn += 1) {
          const sizes = outputs.filter(({ model }) => model === undefined).map(bytesOf);
          expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
          for (const output of outputs) if (output.type === 'task.assigned') open.push(output);
          const task = open.shift();
          if (task === undefined) break;
          const usual = task.to === 'researcher' ? 'findings' : task.to === 'writer' ? 'draft' : 'critique';
          const kind = areOdd ? (odd[turn % odd.length] ?? usual) : usual;
          const artifact = hostile(kind, char, turn, marks);
          const spent = { tokens: MOST, costUsd: Number.MAX_VALUE, modelCalls: MOST, toolCalls: MOST };
          const body = { artifact, spent, shortfall: char.repeat(TEXT_CHARS_MAX) };
          outputs = play.take(sent(task.to, task.task, { type: 'task.completed', body }));
        }
        expect(outputs.map(({ type }) => type)).toEqual(['output.proposed']);
        const [end] = play.take(approved(char.repeat(RESULT_CHARS_MAX)));
        expect(end?.type).toBe('run.ended');
        expect(end === undefined ? MOST : bytesOf(end)).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
      },
      LONG_MS,
    );
  },
);
