import type { Grant, Message } from '@troupe/contract';
import { digestArguments, grantSigner, makeRoleKeys } from '@troupe/signing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutorProcess } from './executor.fixture.ts';
import { attempt, RUN, runSubject, type SecuredBus, startSecuredBus } from './secured-bus.fixture.ts';

const OTHER_RUN = '01990000-0000-7000-8000-0000000000bb';
let bus: SecuredBus;
let executor: ExecutorProcess;

beforeAll(async () => {
  bus = await startSecuredBus();
  executor = new ExecutorProcess(bus);
});
afterAll(async () => {
  await executor?.stop();
  await bus?.stop();
});

const refusal = (messages: Message[]): string => {
  const [first, ...more] = messages;
  return first?.type === 'grant.refused' && more.length === 0 ? first.body.reason : JSON.stringify(messages);
};
/** A signed grant for a call of its own. */
const good = (call: string, different: Partial<Grant> = {}) => {
  const grant = executor.grant('t1', RUN, { call, ...different });
  return { grant, signature: executor.sign(grant) };
};

describe('given a running executor', () => {
  it('when the guard grants a call, then it runs exactly once, and its start and its outcome are in the log', async () => {
    const written = await executor.after(good('good'));
    expect(written.map(({ type }) => type)).toEqual(['effect.started', 'tool.returned']);
    expect(written[1]).toMatchObject({ body: { call: 'good', outcome: { ok: true } } });
    expect(executor.runs('good')).toBe(1);
  });

  it('when a compromised researcher writes a grant into its mailbox, then the broker refuses it', async () => {
    const nc = bus.as('researcher');
    const results = await Promise.all(
      ['researcher', 'policy-guard', 'supervisor'].map((from) => attempt(nc, runSubject(from, 'tool-executor', 900))),
    );
    expect(results.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'refused']);
  });

  it('when a grant is signed with another key, then nothing runs', async () => {
    const forge = grantSigner(makeRoleKeys('policy-guard', 'tool-executor')('policy-guard'));
    const { grant } = good('forged');
    expect(refusal(await executor.after({ grant, signature: forge(grant) }))).toContain('signature');
    expect(executor.runs('forged')).toBe(0);
  });

  it('when the signature of a good grant is put under another one, then nothing runs', async () => {
    const { signature } = good('honest');
    const { grant } = good('stolen');
    expect(refusal(await executor.after({ grant, signature }))).toContain('signature');
    expect(executor.runs('stolen')).toBe(0);
  });

  it('when the arguments are not those that were granted, then nothing runs', async () => {
    const altered = { ...good('altered'), args: { text: 'something else' } };
    expect(refusal(await executor.after(altered))).toContain('arguments');
    expect(executor.runs('altered')).toBe(0);
  });

  it('when a used grant comes again, then it does not run again', async () => {
    const once = good('once');
    await executor.after(once);
    expect(refusal(await executor.after(once))).toContain('used already');
    expect(executor.runs('once')).toBe(1);
  });

  it('when a used grant comes again in another task or another run, then it does not run there', async () => {
    const once = good('elsewhere');
    await executor.after(once);
    expect(refusal(await executor.after({ ...once, task: 't2' }))).toContain('the grant is for run');
    expect(refusal(await executor.after({ ...once, run: OTHER_RUN }))).toContain('the grant is for run');
    expect(executor.runs('elsewhere')).toBe(1);
  });

  it('when a used grant comes again in the name of another tenant, then it does not run there', async () => {
    const once = good('other-tenant');
    await executor.after(once);
    expect(refusal(await executor.after({ ...once, tenant: 'acme' }))).toContain('the grant is for run');
    expect(executor.runs('other-tenant')).toBe(1);
  });

  it('when one grant comes many times at once, then it runs at most once', async () => {
    const many = good('at-once');
    const ids = await Promise.all(Array.from({ length: 8 }, () => executor.deliver(many)));
    await Promise.all(ids.map((id) => executor.decided(id)));
    expect(executor.runs('at-once')).toBe(1);
  });

  it('when a grant has expired, then nothing runs and the requester is told', async () => {
    const [returned] = await executor.after(good('expired', { expiresAt: Date.now() - 1 }));
    expect(returned).toMatchObject({
      type: 'tool.returned',
      body: { outcome: { ok: false, kind: 'failed', message: 'The grant has expired.' } },
    });
    expect(executor.runs('expired')).toBe(0);
  });

  it('when a grant is for a tool that does not exist, or with arguments that it does not take, then nothing runs', async () => {
    const [missing] = await executor.after(good('missing', { tool: 'constructor' }));
    expect(missing).toMatchObject({ body: { outcome: { ok: false, message: 'There is no tool "constructor".' } } });
    const args = { text: '', more: 1 };
    const wrong = await executor.after({ ...good('wrong', { argumentsDigest: digestArguments(args) ?? '' }), args });
    expect(wrong.at(-1)).toMatchObject({ body: { outcome: { ok: false, kind: 'failed' } } });
    expect(executor.runs('missing') + executor.runs('wrong')).toBe(0);
  });

  it('when all of that was tried, then a good grant still runs', async () => {
    await executor.after(good('still-good'));
    expect(executor.runs('still-good')).toBe(1);
  });
});
