import { digestArguments } from '@troupe/signing';
import { given } from '@troupe/decider';
import { describe, expect, it } from 'vitest';
import { started } from './decide.ts';
import { executor, granted, grantOf, OTHER_RUN, RUN, sent, somebodyElse, STARTED, USED } from './executor.fixture.ts';

const DONE = { ok: true as const, content: 'done', evidence: [] };

describe('given a good grant', () => {
  it('when it arrives, then the tool is to run with exactly the granted arguments', () => {
    expect(given(executor).when(granted()).question()).toEqual({
      grant: grantOf(),
      arguments: { text: 'remember the ferries' },
    });
  });

  it('when the tool has run, then the one who asked gets the outcome, as from outside', () => {
    expect(given(executor).answered(granted(), DONE).outputs()).toMatchObject([
      {
        type: 'tool.returned',
        to: 'researcher',
        task: 't1',
        integrity: 'outside',
        body: { call: 'c1', tool: 'append_note', outcome: DONE },
      },
    ]);
  });

  it('when the grant names another requester, then the outcome is for that one', () => {
    const input = granted({ grant: grantOf({ requester: 'translator' }) });
    expect(given(executor).answered(input, DONE).outputs()[0]?.to).toBe('translator');
  });

  it('when its arguments are written in another order, then they are the same arguments', () => {
    const grant = grantOf({ argumentsDigest: digestArguments({ a: 1, b: 2 }) ?? '' });
    expect(
      given(executor)
        .when(granted({ grant, args: { b: 2, a: 1 } }))
        .question().grant,
    ).toEqual(grant);
  });

  it('when the tool has an effect, then its start is noted in the ledger before it runs', () => {
    const toRun = { grant: grantOf(), arguments: {} };
    expect(started(granted(), toRun, 'a1')).toMatchObject({ type: 'effect.started', to: 'log', body: { call: 'c1' } });
    expect(started(sent('x', { type: 'noted', body: { what: '' } }), toRun, 'a1')).toBeUndefined();
  });
});

describe('given a grant that is not good', () => {
  const honest = granted();
  const signature = honest.type === 'tool.granted' ? honest.body.signature : '';

  it.each([
    ['signed by somebody else', granted({ signature: somebodyElse.sign(grantOf()) }), /signature/],
    ['not signed', granted({ signature: 'AAAA' }), /signature/],
    ['signed for a later end', granted({ grant: grantOf({ expiresAt: 900_000 }), signature }), /signature/],
    ['signed for another tool', granted({ grant: grantOf({ tool: 'read_document' }), signature }), /signature/],
    ['signed for another call', granted({ grant: grantOf({ call: 'c2' }), signature }), /signature/],
    ['replayed in another task', granted({ task: 't2' }), /is for run .*, task t1/],
    ['replayed in another run', granted({ run: OTHER_RUN }), new RegExp(`is for run ${RUN}`)],
    ['replayed under another tenant', { ...granted(), tenant: 'acme' }, new RegExp(`is for run ${RUN} of default`)],
    ['sent with other arguments', granted({ args: { text: 'something else' } }), /arguments/],
    ['sent with one more argument', granted({ args: { text: 'remember the ferries', more: 1 } }), /arguments/],
  ])('when it is %s, then nothing runs, nobody is answered, and the log says why', (_what, input, why) => {
    expect(given(executor).when(input).outputs()).toMatchObject([
      { type: 'grant.refused', to: 'log', body: { reason: expect.stringMatching(why) } },
    ]);
  });

  it('when a forged grant came first, then the good one for the same call still runs', () => {
    const forged = granted({ signature: 'AAAA' });
    const history = [{ input: forged, outputs: given(executor).when(forged).outputs() }];
    expect(
      given(executor, history)
        .when(granted({ ordinal: 1 }))
        .question().grant,
    ).toEqual(grantOf());
  });
});

describe('given a call in the ledger', () => {
  it('when its grant arrives again after the outcome, then it is refused: a grant is good once', () => {
    expect(
      given(executor, [USED])
        .when(granted({ ordinal: 1 }))
        .outputs(),
    ).toMatchObject([{ type: 'grant.refused', body: { reason: 'the grant was used already' } }]);
  });

  it('when it was started and its process ended, then its outcome is unknown, and the requester is told', () => {
    const interrupted = {
      type: 'effect.interrupted' as const,
      id: granted().id,
      run: RUN,
      tenant: 'default',
      at: 2_000,
      of: granted(),
    };
    expect(given(executor, [STARTED]).when(interrupted).outputs()).toMatchObject([
      { type: 'tool.returned', to: 'researcher', body: { call: 'c1', outcome: { ok: false, kind: 'unknown' } } },
    ]);
  });

  it('when it was started and another message grants the same call, then that one is refused', () => {
    expect(
      given(executor, [STARTED])
        .when(granted({ ordinal: 1 }))
        .outputs(),
    ).toMatchObject([{ type: 'grant.refused', to: 'log' }]);
  });

  it('when a forged grant names a started call, then it is refused and the requester is not answered', () => {
    expect(
      given(executor, [STARTED])
        .when(granted({ signature: 'AAAA' }))
        .outputs(),
    ).toMatchObject([{ type: 'grant.refused', to: 'log' }]);
  });

  it('when another call is granted, then the ledger of the first does not stop it', () => {
    const other = granted({ grant: grantOf({ call: 'c2' }), ordinal: 1 });
    expect(given(executor, [USED]).when(other).question().grant.call).toBe('c2');
  });

  it.each(['constructor', 'toString', '__proto__'])(
    'when a call is named "%s", then it is a call like any other',
    (call) => {
      const input = granted({ grant: grantOf({ call }) });
      expect(given(executor).when(input).question().grant.call).toBe(call);
      const history = [{ input, outputs: given(executor).answered(input, DONE).outputs() }];
      expect(given(executor, history).when(input).outputs()[0]?.type).toBe('grant.refused');
    },
  );
});

describe('given anything but a grant', () => {
  it('when it arrives, then nothing runs', () => {
    given(executor)
      .when(sent('policy-guard', { type: 'noted', body: { what: 'x' } }))
      .thenNothing();
    given(executor)
      .answered(sent('policy-guard', { type: 'noted', body: { what: 'x' } }), DONE)
      .thenNothing();
  });
});
