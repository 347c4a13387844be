import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageId, parseMessageId, RunId, Token, traceIdOf } from './identifiers.ts';
import { LogLayout, SHARDS_MAX } from './log-layout.ts';
import { idOfAddress, parseDueSubject, parseRunSubject, subjects } from './subjects.ts';

const RUN = '01990000-0000-7000-8000-00000000abcd';
const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const ordinal = fc.nat({ max: 999_999 });
const layout = new LogLayout(4);
const address = fc.record({
  tenant: token,
  run: fc.uuid({ version: 7 }),
  task: token,
  from: token,
  to: token,
  ordinal,
});

describe('the subject of a message', () => {
  it.each(['1000000', '999999999', '007', '-1', '1e3', ''])('is none with the ordinal "%s"', (made) => {
    expect(parseRunSubject(`troupe.runs.0.acme.r.t.writer.critic.${made}`)).toBeUndefined();
  });

  it('says where the message belongs, and is read back', () => {
    fc.assert(
      fc.property(address, (place) => {
        expect(parseRunSubject(layout.message(place))).toEqual({ shard: layout.shardOf(place.run), ...place });
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
    const ref = { tenant: 'acme', run: RUN };
    const subject = layout.message({ ...ref, task: 't', from: 'writer', to: 'critic', ordinal: 7 });
    const [shard, other] = [layout.shardOf(RUN), (layout.shardOf(RUN) + 1) % layout.shards];
    const actor = { ...ref, task: 't', role: 'writer' };
    const matching = [
      subjects.mailbox('critic', shard),
      subjects.mailbox('critic', '*'),
      subjects.outbox('writer', shard),
      subjects.outbox('writer', '*', 'critic'),
      layout.actor(actor),
      layout.actor({ ...actor, task: '*' }),
      layout.sent(actor, 7),
      layout.received(ref, { from: 'writer', task: 't', ordinal: 7 }, 'critic'),
    ];
    expect(matching.filter((pattern) => !matches(pattern, subject))).toEqual([]);
    const others = [
      subjects.mailbox('writer', shard),
      subjects.mailbox('critic', other),
      subjects.outbox('critic', shard),
      subjects.outbox('writer', other),
      subjects.outbox('writer', shard, 'log'),
      layout.actor({ ...actor, task: 'u' }),
      layout.actor({ ...actor, tenant: 'other' }),
      layout.sent(actor, 8),
    ];
    expect(others.filter((pattern) => matches(pattern, subject))).toEqual([]);
  });

  it.each([
    'troupe.runs.r.t.a.b.1',
    'troupe.runs.0.acme.r.t.a.b',
    'troupe.runs.0.acme.r.t.a.b.1.2',
    'troupe.runs.0.acme.r.t.a.b.-1',
    'troupe.runs.0.acme.r.t.a.b.1e3',
    'troupe.runs.0.acme.r.t.a.b.1234567890',
    'troupe.runs.0.acme..t.a.b.1',
    'troupe.runs.0..r.t.a.b.1',
    'troupe.runs..acme.r.t.a.b.1',
    'troupe.runs.x.acme.r.t.a.b.1',
    'troupe.runs.00.acme.r.t.a.b.1',
    'troupe.runs.-1.acme.r.t.a.b.1',
    'troupe.runs.100.acme.r.t.a.b.1',
    'troupe.goals.acme',
    'other.runs.0.acme.r.t.a.b.1',
    '',
  ])('is not %j', (subject) => {
    expect(parseRunSubject(subject)).toBeUndefined();
  });
});

describe('the subject of a due timer', () => {
  it('says of which shard and tenant its runs are', () => {
    for (const shard of [0, 9, SHARDS_MAX - 1])
      expect(parseDueSubject(subjects.due(shard, 'acme', 'supervisor'))).toEqual({ shard, tenant: 'acme' });
  });

  it('is what the role waits for, of each tenant of the shard', () => {
    const subject = subjects.due(3, 'acme', 'supervisor');
    expect(matches(subjects.due(3, '*', 'supervisor'), subject)).toBe(true);
    expect(matches(subjects.allDue, subject)).toBe(true);
    expect(matches(subjects.due(2, '*', 'supervisor'), subject)).toBe(false);
    expect(matches(subjects.timersOf('supervisor'), subjects.timer(3, 'acme', 'supervisor', 'a-1'))).toBe(true);
  });

  it.each([
    'troupe.due.supervisor',
    'troupe.due.0.acme',
    'troupe.due.0.acme.supervisor.1',
    'troupe.due.x.acme.supervisor',
    'troupe.due.01.acme.supervisor',
    'troupe.due.0..supervisor',
    'troupe.timers.0.acme.supervisor',
    '',
  ])('is not %j', (subject) => {
    expect(parseDueSubject(subject)).toBeUndefined();
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
    expect(RunId.safeParse(RUN).success).toBe(true);
    expect(traceIdOf(RUN)).toBe('0199000000007000800000000000abcd');
  });
});

/** NATS matching of one subject with `*` for one token. */
function matches(pattern: string, subject: string): boolean {
  const [wanted, tokens] = [pattern.split('.'), subject.split('.')];
  return wanted.length === tokens.length && wanted.every((part, index) => part === '*' || part === tokens[index]);
}
