import { parseMessage, type RoleDeclaration } from '@troupe/actor';
import { auditRun } from '@troupe/audit';
import { decode, type Input, LogLayout, Message, type Outgoing, parseRunSubject } from '@troupe/contract';
import { critic } from '@troupe/critic/decide';
import { role as criticRole } from '@troupe/critic/role';
import { fold, type Step } from '@troupe/decider';
import { digestArguments, grantVerifier, makeRoleKeys } from '@troupe/signing';
import { policyGuard } from '@troupe/policy-guard/decide';
import { role as guardRole } from '@troupe/policy-guard/role';
import { researcher } from '@troupe/researcher/decide';
import { role as researcherRole } from '@troupe/researcher/role';
import { supervisor } from '@troupe/supervisor/decide';
import { role as supervisorRole } from '@troupe/supervisor/role';
import { toolExecutor } from '@troupe/tool-executor/decide';
import { role as executorRole } from '@troupe/tool-executor/role';
import { writer } from '@troupe/writer/decide';
import { role as writerRole } from '@troupe/writer/role';
import { describe, expect, it } from 'vitest';
import { bytesOf, readHistory } from './history.fixture.ts';

/** All shards of the history are one, as on the bus in memory that wrote it. */
const LAYOUT = new LogLayout(1);
const messages = readHistory().map((line) => ({
  ...line,
  address: parseRunSubject(line.subject),
  message: Message.parse(decode(bytesOf(line))),
}));

type History = Step<Input, Outgoing>[];

/** The steps of one role's actor: its messages, by what caused them, as a process that starts today reads them. */
function stepsOf(role: RoleDeclaration, task: string | '*'): History {
  const own = messages.filter(({ address }) => address?.from === role.name && (task === '*' || address.task === task));
  const byCause = Map.groupBy(own, ({ message }) => message.cause);
  return [...byCause].map(([cause, outputs]) => ({
    input: inputOf(role, cause),
    outputs: outputs.map(({ message, address }): Outgoing => ({ ...message, to: address?.to ?? '' })),
  }));
}

function inputOf(role: RoleDeclaration, cause: string): Input {
  const received = messages.find(({ message, address }) => message.id === cause && address?.to === role.name);
  if (received === undefined) throw new Error(`${cause} is not in the history`);
  return parseMessage(role, LAYOUT, { subject: received.subject, bytes: bytesOf(received), at: received.at });
}

const tasksFor = (to: string) =>
  messages.flatMap(({ message, address }) =>
    message.type === 'task.assigned' && address?.to === to ? [message.task] : [],
  );

describe('a run that an earlier version has written', () => {
  it('is whole: the audit finds nothing in it', () => {
    expect(messages.length).toBeGreaterThan(20);
    const stored = messages.map((line, index) => ({
      subject: line.subject,
      seq: index + 1,
      storedAt: line.at,
      bytes: bytesOf(line),
    }));
    const roles = [supervisorRole, guardRole, executorRole, researcherRole, writerRole, criticRole];
    expect(auditRun(messages[0]?.message.run ?? '', stored, { roles })).toMatchObject({
      status: 'completed',
      unanswered: 0,
      violations: [],
    });
  });

  it('leaves its supervisor at the end', () => {
    const decider = supervisor({
      workers: [],
      reviewer: 'critic',
      reviewed: 'writer',
      tools: [],
      toolUsers: [],
      // The key that sealed this history is gone; what was believed then is.
      isSealed: () => true,
      warrant: (_holder, terms) => ({ ...terms, signature: 'x' }),
    });
    expect(fold(decider, stepsOf(supervisorRole, '*'))).toEqual({ status: 'ended' });
  });

  it.each([
    [researcherRole, (steps: History) => fold(researcher, steps).status],
    [writerRole, (steps: History) => fold(writer, steps).status],
    [criticRole, (steps: History) => fold(critic, steps).status],
  ])('leaves every $name done', (role, statusAfter) => {
    const tasks = tasksFor(role.name);
    expect(tasks.length).toBeGreaterThan(0);
    for (const task of tasks)
      expect({ task, status: statusAfter(stepsOf(role, task)) }).toEqual({ task, status: 'done' });
  });

  it('leaves its guard with every call answered and every grant counted', () => {
    const config = {
      policy: { version: 'x', grant_ttl_ms: 1, rules: [], output: { mask: [], link_hosts: [], image_hosts: [] } },
    };
    const guard = policyGuard({
      ...config,
      sign: () => '',
      isWarrant: () => true,
      isSealed: () => true,
      digest: () => '',
      mask: (text) => ({ text, masked: 0 }),
    });
    const requested = messages.flatMap(({ message }) => (message.type === 'tool.requested' ? [message] : []));
    const state = fold(guard, stepsOf(guardRole, '*'));
    const answered = Object.entries(state.tasks).flatMap(([holder, calls]) =>
      Object.keys(calls.answered).map((call) => `${holder} ${call}`),
    );
    expect(answered.toSorted()).toEqual(
      requested.map(({ task, body }) => `${task}/researcher call ${body.call}`).toSorted(),
    );
    const granted = messages.flatMap(({ message }) =>
      message.type === 'tool.granted' ? [message.body.grant.tool] : [],
    );
    for (const tool of new Set(granted))
      expect(state.granted[tool]).toBe(granted.filter((name) => name === tool).length);
  });

  it('leaves its executor with every grant used', () => {
    const key = makeRoleKeys('policy-guard', 'tool-executor')('tool-executor');
    const executor = toolExecutor({ verify: grantVerifier(key), digest: digestArguments });
    const grants = messages.flatMap(({ message }) => (message.type === 'tool.granted' ? [message] : []));
    for (const { task, body } of grants)
      expect(fold(executor, stepsOf(executorRole, task)).calls[body.grant.call]).toBe('used');
  });
});
