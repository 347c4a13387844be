import { randomBytes } from 'node:crypto';
import { runIdOf, uuidV7 } from '@troupe/actor';
import { decode, encodeJson, Message, readGoal, RunId, STREAMS, subjects } from '@troupe/contract';
import { lastOn, readPublishAck, type RoleProcess, unreadable } from '@troupe/nats';
import { z } from 'zod';
import { mayBePlanning } from './recent.ts';

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
  const handlers = new Map<string, (payload: Uint8Array) => Promise<Reply>>([
    [subjects.api('create'), (payload) => create(running, payload)],
    [subjects.api('cancel'), (payload) => cancel(running, payload)],
    [subjects.api('result'), (payload) => result(running, payload)],
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

async function cancel(running: RoleProcess, payload: Uint8Array): Promise<Reply> {
  const run = runOf(payload);
  const { status } = await result(running, payload);
  if (status !== 'running') throw new Refusal(`The run ${run} has ended already: ${String(status)}.`);
  readPublishAck(await running.channel.request(subjects.cancel(run), ''));
  return { runId: run, status: 'cancelling' };
}

/** The result of a run, or that it is still running. */
async function result({ channel }: RoleProcess, payload: Uint8Array): Promise<Reply> {
  const run = runOf(payload);
  const ended = await lastOn(channel, STREAMS.runs, subjects.result(run));
  if (ended !== undefined) {
    return { runId: run, ...resultIn(ended.bytes), endedAt: ended.at };
  }
  const last = await lastOn(channel, STREAMS.runs, subjects.actor(run, '*', 'supervisor'));
  // A run whose plan is being asked for has written nothing yet.
  if (last === undefined && !mayBePlanning(run, Date.now())) throw new Refusal(`There is no run ${run}.`);
  return { runId: run, status: 'running' };
}

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
