import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageId, parseMessageId, RunId, Token, traceIdOf } from './identifiers.ts';
import { idOfAddress, parseRunSubject, subjects } from './subjects.ts';

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const ordinal = fc.nat({ max: 999_999 });
const address = fc.record({ run: fc.uuid({ version: 7 }), task: token, from: token, to: token, ordinal });

describe('the subject of a message', () => {
  it.each(['1000000', '999999999', '007', '-1', '1e3', ''])('is none with the ordinal "%s"', (made) => {
    expect(parseRunSubject(`troupe.runs.r.t.writer.critic.${made}`)).toBeUndefined();
  });

  it('says where the message belongs, and is read back', () => {
    fc.assert(
      fc.property(address, (place) => {
        expect(parseRunSubject(subjects.message(place))).toEqual(place);
        expect(parseMessageId(idOfAddress(place))).toEqual({
          from: place.from,
          task: place.task,
          ordinal: place.ordinal,
        });
      }),
      { seed: 1 },
    );
  });

  it('is found by the role that receives it, the role that wrote it and the actor that it belongs to', () => {
    const place = { run: 'r', task: 't', from: 'writer', to: 'critic', ordinal: 7 };
    const matching = [
      subjects.mailbox('critic'),
      subjects.outbox('writer'),
      subjects.actor('r', 't', 'writer'),
      subjects.actor('r', '*', 'writer'),
      subjects.sent('r', 't', 'writer', 7),
      subjects.received('r', { from: 'writer', task: 't', ordinal: 7 }, 'critic'),
    ];
    expect(matching.filter((pattern) => !matches(pattern, subjects.message(place)))).toEqual([]);
    const others = [
      subjects.mailbox('writer'),
      subjects.outbox('critic'),
      subjects.actor('r', 'u', 'writer'),
      subjects.sent('r', 't', 'writer', 8),
    ];
    expect(others.filter((pattern) => matches(pattern, subjects.message(place)))).toEqual([]);
  });

  it.each([
    'troupe.runs.r.t.a.b',
    'troupe.runs.r.t.a.b.1.2',
    'troupe.runs.r.t.a.b.-1',
    'troupe.runs.r.t.a.b.1e3',
    'troupe.runs.r.t.a.b.1234567890',
    'troupe.runs..t.a.b.1',
    'troupe.goals.acme',
    'other.runs.r.t.a.b.1',
    '',
  ])('is not %j', (subject) => {
    expect(parseRunSubject(subject)).toBeUndefined();
  });
});

describe('identifiers', () => {
  it.each(['a', 'policy-guard', 't1-review-2', 'a'.repeat(48)])('take %s as a token', (name) => {
    expect(Token.safeParse(name).success).toBe(true);
  });

  it.each(['', 'A', '1a', 'a.b', 'a*', 'a>', 'a b', 'ä', 'a_b', 'a'.repeat(49), 'a\n'])(
    'refuse the token %j',
    (name) => {
      expect(Token.safeParse(name).success).toBe(false);
    },
  );

  it.each(['goal.1', 'a.b', 'a.b.', 'a.b.1.2', 'A.b.1', 'a.b.1x', 'a.b.1\n', 'a.b.1234567890'])(
    'do not take %j for the ID of a message',
    (id) => {
      expect(parseMessageId(id)).toBeUndefined();
    },
  );

  it('name a message after its writer, task and ordinal', () => {
    expect(messageId('writer', 't1', 3)).toBe('writer.t1.3');
  });

  it('make a trace ID of 32 hex digits out of a run ID', () => {
    const run = '01990000-0000-7000-8000-00000000abcd';
    expect(RunId.safeParse(run).success).toBe(true);
    expect(traceIdOf(run)).toBe('0199000000007000800000000000abcd');
  });
});

/** NATS matching of one subject with `*` for one token. */
function matches(pattern: string, subject: string): boolean {
  const [wanted, tokens] = [pattern.split('.'), subject.split('.')];
  return wanted.length === tokens.length && wanted.every((part, index) => part === '*' || part === tokens[index]);
}
