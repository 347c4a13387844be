import { randomBytes } from 'node:crypto';
import { runIdOf, uuidV7 } from '@troupe/actor';
import { decode, encodeJson, Message, readGoal, RunId, STREAMS, subjects, Token } from '@troupe/contract';
import { lastOn, readPublishAck, type RoleProcess, unreadable } from '@troupe/nats';
import { z } from 'zod';
import { GoalIndex } from './goal-index.ts';

/** Goals that come over the API have no tenant of their own. */
const TENANT = 'default';

type Reply = Record<string, unknown>;

/** A refusal that the caller should read. */
class Refusal extends Error {}

/**
 * The request API: `troupe.api.runs.create`, `.cancel` and `.result`, JSON in and out. Errors are
 * `{"error":"a sentence"}`. Several supervisors share the work (queue group).
 */
export function serveRuns(running: RoleProcess): void {
  const { bus, log } = running;
  const goals = new GoalIndex(bus);
  const handlers = new Map<string, (payload: Uint8Array) => Promise<Reply>>([
    [subjects.api('create'), (payload) => create(running, payload)],
    [subjects.api('cancel'), (payload) => cancel(running, goals, payload)],
    [subjects.api('result'), (payload) => result(running, goals, payload)],
  ]);
  bus.nc.subscribe(subjects.allApi, {
    queue: 'supervisor',
    callback: (error, message) => {
      if (error !== null) return;
      const handler =
        handlers.get(message.subject) ??
        (() =>
          Promise.reject(new Refusal(`There is no ${message.subject}. There are ${[...handlers.keys()].join(', ')}.`)));
      handler(message.data)
        .catch((reason: unknown): Reply => {
          if (!(reason instanceof Refusal))
            log.warn({ subject: message.subject, reason: String(reason) }, 'the request failed');
          return { error: reason instanceof Error ? reason.message : String(reason) };
        })
        .then((reply) => message.respond(encodeJson(reply)))
        .catch((reason: unknown) => log.warn({ reason: String(reason) }, 'the reply could not be sent'));
    },
  });
}

/** Stores the goal, then answers with its run. The same `id` always gives the same run. */
async function create({ channel }: RoleProcess, payload: Uint8Array): Promise<Reply> {
  const read = readGoal(payload);
  if (!read.ok) throw new Refusal(read.reason);
  const id = read.goal.id ?? uuidV7(Date.now(), randomBytes(10).toString('hex'));
  const stored = await channel.request(subjects.goals(TENANT), encodeJson({ ...read.goal, id }));
  readPublishAck(stored);
  return { runId: runIdOf({ tenant: TENANT, id, seq: 0, at: 0 }) };
}

async function cancel(running: RoleProcess, goals: GoalIndex, payload: Uint8Array): Promise<Reply> {
  const run = runOf(payload);
  const ended = await endOf(running, run);
  if (ended !== undefined) throw new Refusal(`The run ${run} has ended already: ${String(ended['status'])}.`);
  const tenant = await tenantOf(running, goals, run);
  // Not empty: an empty message ends a pull through a service import.
  readPublishAck(await running.channel.request(subjects.cancel(tenant, run), encodeJson({})));
  return { runId: run, status: 'cancelling' };
}

/** The result of a run, or that it is still running. */
async function result(running: RoleProcess, goals: GoalIndex, payload: Uint8Array): Promise<Reply> {
  const run = runOf(payload);
  const ended = await endOf(running, run);
  if (ended !== undefined) return ended;
  await tenantOf(running, goals, run);
  return { runId: run, status: 'running' };
}

async function endOf({ channel }: RoleProcess, run: RunId): Promise<Reply | undefined> {
  const ended = await lastOn(channel, STREAMS.runs, subjects.result(run));
  return ended && { runId: run, ...resultIn(ended.bytes), endedAt: ended.at };
}

/** Whose run it is. Refuses when there is no such run: neither in the log nor about to be planned. */
async function tenantOf({ channel }: RoleProcess, goals: GoalIndex, run: RunId): Promise<Token> {
  const last = ownerIn(await lastOn(channel, STREAMS.runs, subjects.actor(run, '*', 'supervisor')));
  const tenant =
    last === undefined || last.type === 'noted'
      ? ((await goals.tenantOf(run, Date.now())) ?? (last && (await begun(channel, run))?.tenant))
      : last.tenant;
  if (tenant === undefined) throw new Refusal(`There is no run ${run}.`);
  return tenant;
}

/** A log that begins with a note is of no run yet: any worker can make the supervisor write one, in any tenant's name. */
async function begun(channel: RoleProcess['channel'], run: RunId): Promise<z.infer<typeof Owner> | undefined> {
  const first = ownerIn(await lastOn(channel, STREAMS.runs, subjects.sent(run, '*', 'supervisor', 0)));
  return first?.type === 'noted' ? undefined : first;
}

const Owner = z.object({ type: z.string(), tenant: Token });

const ownerIn = (stored: { bytes: Uint8Array } | undefined): z.infer<typeof Owner> | undefined =>
  stored && Owner.parse(decode(stored.bytes));

/** What a stored result says. One that cannot be read is an end too: nothing will follow it. */
function resultIn(bytes: Uint8Array): Reply {
  try {
    const message = Message.parse(decode(bytes));
    if (message.type === 'run.ended') return message.body;
    return { status: 'unreadable', reason: unreadable(`it is a ${message.type}`) };
  } catch (error) {
    const wrong = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return { status: 'unreadable', reason: unreadable(wrong) };
  }
}

/** The run that a payload names: its ID as text, or `{"runId":"…"}`. */
function runOf(payload: Uint8Array): RunId {
  const text = Buffer.from(payload).toString('utf8').trim();
  const named = /"runId"\s*:\s*"([^"]{1,64})"/.exec(text)?.[1] ?? text.replaceAll('"', '');
  const run = RunId.safeParse(named);
  if (!run.success) throw new Refusal('Send the run ID, or {"runId":"…"}.');
  return run.data;
}
