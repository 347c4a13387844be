import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Packr } from 'msgpackr';
import { encode } from './codec.ts';
import { readGoal, REFUSAL_CHARS_MAX } from './goal-reader.ts';
import { GOAL_CHARS_MAX, GOAL_PAYLOAD_BYTES_MAX } from './limits.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readGoal(bytesOf(text));
const refusal = (text: string) => {
  const result = read(text);
  return result.ok ? '' : result.reason;
};

describe('a goal', () => {
  it.each([
    ['plain text', bytesOf('  Explain ferries.\n'), 'Explain ferries.'],
    ['text that starts with a number', bytesOf('5 ideas for a trip'), '5 ideas for a trip'],
    ['text in another script', bytesOf('渡り鳥について 🐦'), '渡り鳥について 🐦'],
    ['text with a byte order mark', bytesOf('\uFEFFExplain ferries.'), 'Explain ferries.'],
    ['a JSON object', bytesOf('{"goal":"Explain ferries."}'), 'Explain ferries.'],
    ['a JSON object with space around it', bytesOf('\n {"goal":" Explain ferries. "} \n'), 'Explain ferries.'],
    ['a JSON string', bytesOf('"Explain \\u0066erries."'), 'Explain ferries.'],
    ['a msgpack map', encode({ goal: 'Explain ferries.' }), 'Explain ferries.'],
  ])('may be %s', (_name, bytes, goal) => {
    expect(readGoal(bytes)).toMatchObject({ ok: true, goal: { goal } });
  });

  it('has defaults for options that are not given, and keeps those that are', () => {
    const result = read('{"id":"a.b:1","goal":"g","options":{"revisions_max":0,"preset":"small"}}');
    expect(result).toEqual({
      ok: true,
      goal: {
        id: 'a.b:1',
        goal: 'g',
        options: {
          preset: 'small',
          revisions_max: 0,
          tasks_max: 6,
          tool_calls_max: 24,
          steps_per_task_max: 10,
          deadline_ms: 600_000,
        },
      },
    });
  });

  it('may be as long as the limit, and not longer', () => {
    expect(read('x'.repeat(GOAL_CHARS_MAX)).ok).toBe(true);
    expect(refusal('x'.repeat(GOAL_CHARS_MAX + 1))).toContain(`at most ${GOAL_CHARS_MAX} characters`);
    expect(refusal('x'.repeat(GOAL_PAYLOAD_BYTES_MAX + 1))).toContain(`at most ${GOAL_PAYLOAD_BYTES_MAX}`);
  });
});

describe('a refusal says what is wrong', () => {
  it.each([
    ['', 'must not be empty'],
    [' \n\t', 'must not be empty'],
    ['{"goal":"x"', 'broken JSON'],
    [`${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`, 'levels deep'],
    ['{"goal":"x","__proto__":{"options":1}}', '__proto__'],
    ['"\\ud800"', 'half a surrogate pair'],
    ['["a"]', 'expected object'],
    ['42', 'expected object'],
    ['null', 'expected object'],
    ['{"goal":7}', 'goal: '],
    ['{}', 'goal: '],
    ['{"goal":"x","gaol":"y"}', 'gaol'],
    ['{"goal":"x","options":{"revision_max":1}}', 'revision_max'],
    ['{"goal":"x","options":{"revisions_max":6}}', 'options.revisions_max'],
    ['{"goal":"x","options":{"deadline_ms":1.5}}', 'options.deadline_ms'],
    ['{"goal":"x","id":"a b"}', 'id: '],
    ['{"goal":"x","options":null}', 'options'],
  ])('%s: %s', (text, why) => {
    expect(refusal(text)).toContain(why);
  });

  it.each([
    ['bytes that are not UTF-8', Buffer.from([0x66, 0xff, 0x66]), 'not UTF-8'],
    ['a cut msgpack map', encode({ goal: 'Explain ferries.' }).subarray(0, 9), 'msgpack'],
    ['msgpack with something behind it', Buffer.concat([encode({ goal: 'x' }), Buffer.from([1])]), 'msgpack'],
    ['a msgpack map of another shape', encode({ text: 'x' }), 'goal: '],
  ])('%s', (_name, bytes, why) => {
    const result = readGoal(bytes);
    expect(result.ok ? '' : result.reason).toContain(why);
  });

  it('does not call a number with leading zeros bad text', () => {
    expect(refusal('007')).not.toContain('UTF-8');
  });
});

describe('a refusal quotes no more than fits into a result', () => {
  const long = 'x'.repeat(20_000);

  it.each([
    ['an unknown option', JSON.stringify({ goal: 'g', options: { [long]: 1 } })],
    ['unknown fields', JSON.stringify({ goal: 'g', [long]: 1, [`${long}2`]: 2 })],
    ['a preset', JSON.stringify({ goal: 'g', options: { preset: long } })],
    ['broken JSON', `{"goal":"${long}"`],
    ['broken JSON with a long word', `{${long}`],
  ])('%s of 20,000 characters', (_name, text) => {
    const reason = refusal(text);
    expect(reason).toMatch(/^The goal .*\.$/su);
    expect(reason.length).toBeLessThanOrEqual(REFUSAL_CHARS_MAX);
  });
});

describe('reading a goal never throws and always has a reason for a refusal', () => {
  const expectVerdict = (bytes: Uint8Array) => {
    const result = readGoal(bytes);
    expect(result.ok ? result.goal.goal : result.reason).toMatch(result.ok ? /./su : /^The goal .+\.$/su);
  };

  it('of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expectVerdict(bytes)),
      { seed: 1, numRuns: 2_000 },
    );
  });

  it('of any value as msgpack', () => {
    const anything = fc.dictionary(fc.string(), fc.anything());
    const packr = new Packr({ useRecords: false, moreTypes: true });
    const check = (value: unknown) => expectVerdict(packr.pack(value));
    fc.assert(fc.property(anything, check), { seed: 1, numRuns: 500 });
  });

  it('of msgpack that is nested as deep as the payload allows', () => {
    expectVerdict(Buffer.concat([Buffer.alloc(60_000, 0x81), Buffer.from([0xc0])]));
    expectVerdict(Buffer.concat([Buffer.from([0x81, 0xa1, 0x67]), Buffer.alloc(60_000, 0x91), Buffer.from([0xc0])]));
  });
});
