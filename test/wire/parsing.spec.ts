import { decode, encode, MalformedError, readGoal } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { jsonSuite, msgpackSuite, naughtyStrings } from './parsing-suites.fixture.ts';

const GOAL_CHARS_MAX = 8_000;
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What a document is to the codec: its value, or that it is malformed. Any other error is thrown. */
function decoded(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof MalformedError) return 'malformed';
    throw error;
  }
}

/** Whether it is read as a goal. Throws if a refusal has no reason that could be shown to its publisher. */
function isGoal(bytes: Uint8Array): boolean {
  const result = readGoal(bytes);
  if (!result.ok && !/^The goal .+\.$/su.test(result.reason)) throw new Error(`no reason: ${result.reason}`);
  return result.ok;
}

describe('the JSON test suite', () => {
  const suite = jsonSuite();

  it('is there', () => {
    expect(suite.length).toBeGreaterThan(300);
  });

  it('is decoded where a parser has to accept an object, and malformed where it has to reject it', () => {
    const objects = suite.filter(({ bytes }) => bytes[0] === 0x7b);
    const accepted = objects.filter(({ verdict }) => verdict === 'accept');
    const rejected = objects.filter(({ verdict }) => verdict === 'reject');
    expect([accepted.length > 10, rejected.length > 20]).toEqual([true, true]);
    for (const { name, bytes } of accepted)
      expect({ name, value: decoded(bytes) }).toEqual({ name, value: JSON.parse(Buffer.from(bytes).toString('utf8')) });
    expect(rejected.filter(({ bytes }) => decoded(bytes) !== 'malformed').map(({ name }) => name)).toEqual([]);
  });

  it('holds no object that is a goal; every refusal has a reason', () => {
    const goals = suite.filter(({ bytes }) => isGoal(bytes) && bytes[0] === 0x7b);
    expect(goals.map(({ name }) => name)).toEqual([]);
  });

  it('makes no goal where a document that has to be rejected stands inside one', () => {
    const within = suite.map(({ bytes, ...rest }) => ({
      ...rest,
      isRead: isGoal(Buffer.concat([bytesOf('{"goal":'), bytes, bytesOf('}')])),
    }));
    expect(within.filter(({ verdict, isRead }) => verdict === 'reject' && isRead).map(({ name }) => name)).toEqual([]);
  });
});

describe('the naughty strings', () => {
  it.each([
    ['JSON', (goal: string) => bytesOf(JSON.stringify({ goal }))],
    ['msgpack', (goal: string) => encode({ goal })],
  ])('are goals as %s, unchanged but for the space around them', (_name, write) => {
    for (const text of naughtyStrings()) {
      const result = readGoal(write(text));
      const trimmed = text.trim();
      const isFine = trimmed !== '' && trimmed.length <= GOAL_CHARS_MAX;
      expect(result.ok ? result.goal.goal : undefined).toBe(isFine ? trimmed : undefined);
    }
  });

  it('are goals or refused with a reason as plain text', () => {
    const read = naughtyStrings().filter((text) => isGoal(bytesOf(text)));
    expect(read.length).toBeGreaterThan(400);
  });
});

describe('the msgpack test suite', () => {
  const suite = msgpackSuite();
  // What JSON has no word for is not taken: dates, extensions, binary, integers that a number cannot hold.
  const refused = suite.filter(
    ({ group, value }) => /timestamp|ext|binary/.test(group) || (/bignum/.test(group) && !('number' in value)),
  );
  const readable = suite.filter((one) => !refused.includes(one));

  it.each(readable.map(({ group, value, encodings }) => [group, value, encodings] as const))(
    'is read in every encoding of %s %o',
    (_group, value, encodings) => {
      // The byte of "{" alone would mean JSON; a message is never a bare number.
      const messages = encodings.filter((bytes) => bytes[0] !== 0x7b);
      expect(messages.map(decoded)).toEqual(messages.map(() => Object.values(value)[0]));
    },
  );

  it('has kinds of values that are malformed in every encoding', () => {
    expect(refused.length).toBeGreaterThan(20);
    for (const { group, encodings } of refused)
      expect({ group, read: encodings.map(decoded) }).toEqual({ group, read: encodings.map(() => 'malformed') });
  });
});
