import { encode, encodeJson, MalformedError } from '@troupe/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RUN } from './rig.fixture.ts';
import { runIdOf } from './run-id.ts';
import { parseSubmission } from './submission.ts';

const GOALS = 'troupe.goals.acme';
const text = (value: string) => new TextEncoder().encode(value);
const read = (bytes: Uint8Array, subject = GOALS, seq = 7, at = 1_000) => parseSubmission(subject, bytes, seq, at);

describe('what people publish', () => {
  it('is an accepted goal with a run of its own', () => {
    expect(read(text('Explain ferries.'))).toMatchObject({
      type: 'goal.accepted',
      id: 'goal.7',
      tenant: 'acme',
      at: 1_000,
      run: runIdOf({ tenant: 'acme', id: undefined, seq: 7, at: 1_000 }),
      goal: { goal: 'Explain ferries.', options: { preset: 'xlarge' } },
    });
  });

  it.each([encode, encodeJson])('is the run of its id, wherever and whenever it was stored', (coded) => {
    const run = runIdOf({ tenant: 'acme', id: 'mine', seq: 0, at: 0 });
    expect(read(coded({ id: 'mine', goal: 'g' }))).toMatchObject({ type: 'goal.accepted', run });
    expect(read(coded({ id: 'mine', goal: 'another' }), GOALS, 8, 9_000)).toMatchObject({ run, id: 'goal.8' });
    expect(read(coded({ id: 'mine', goal: 'g' }), 'troupe.goals.other').run).not.toBe(run);
  });

  it('is a rejected goal with a reason and the beginning of what was sent', () => {
    const rejected = read(text(`{"goal":"${'x'.repeat(500)}`));
    expect(rejected).toMatchObject({
      type: 'goal.rejected',
      id: 'goal.7',
      reason: expect.stringContaining('broken JSON'),
    });
    expect(rejected.type === 'goal.rejected' && rejected.excerpt).toHaveLength(200);
  });

  it('has the same run when it is read again, and another when its bytes come again as a new message', () => {
    for (const bytes of [text('Explain ferries.'), text('{"goal":')]) {
      expect(read(bytes).run).toBe(read(bytes).run);
      expect(read(bytes, GOALS, 8).run).not.toBe(read(bytes).run);
    }
  });

  it('is a request to end a run', () => {
    expect(read(text('{}'), `troupe.cancel.acme.${RUN}`)).toEqual({
      type: 'run.cancel',
      id: 'cancel.7',
      seq: 7,
      run: RUN,
      tenant: 'acme',
      at: 1_000,
    });
  });

  it.each(['troupe.cancel.acme.not-a-run', `troupe.cancel.Not-A-Tenant.${RUN}`, 'troupe.goals.Not-A-Tenant'])(
    'is malformed on %s',
    (subject) => {
      expect(() => read(text('x'), subject)).toThrow(MalformedError);
    },
  );

  it('is a goal or a rejection whatever its bytes are: a person gets an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(read(bytes).type).toMatch(/^goal\.(accepted|rejected)$/);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
