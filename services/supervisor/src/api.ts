import { randomBytes } from 'node:crypto';
import { runIdOf, TransientError, uuidV7 } from '@troupe/actor';
import {
  decode,
  encodeJson,
  INTAKE,
  Message,
  readGoal,
  RUN_TASK,
  RunId,
  type RunRef,
  subjects,
  type Token,
} from '@troupe/contract';
import {
  archivedLog,
  lastOn,
  readPublishAck,
  resultIn as resultInLog,
  type RoleProcess,
  type StoredMessage,
  unreadable,
} from '@troupe/nats';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { GoalIndex } from './goal-index.ts';
import { Refusal, refusedWrite, replyFor } from './refusal.ts';

type Reply = Record<string, unknown>;

/**
 * Results of archived runs, asked for lately: each is the end of a transcript that has to be unpacked and proved, and one
 * who polls must not keep the others waiting. Not for long: what is erased is forgotten.
 */
const archivedResults = new LRUCache<string, StoredMessage>({
  max: 1_000,
  maxSize: 16 * 1024 * 1024,
  sizeCalculation: ({ bytes }) => Math.max(1, bytes.length),
  ttl: 60_000,
});

/** The first message of a run. */
const BEGINNING = { from: INTAKE, task: RUN_TASK, ordinal: 0 };

/**
 * The request API: `troupe.api.<tenant>.runs.create`, `.cancel` and `.result`, JSON in and out: of that tenant's runs, and
 * the broker says who may ask in its name. Errors are
 * `{"error":"a sentence"}`, with `retry_after_ms` if asking again may help. Several supervisors share the work (queue group).
 */
export function serveRuns(running: RoleProcess): void {
  const { bus, log } = running;
  const goals = new Map(bus.layout.tenants.map((tenant) => [tenant, new GoalIndex(bus, tenant)]));
  const handlers: Readonly<Record<string, (tenant: Token, payload: Uint8Array) => Promise<Reply>>> = {
    create: (tenant, payload) => create(running, tenant, payload),
    cancel: (tenant, payload) => cancel(running, goals.get(tenant), refOf(tenant, payload)),
    result: (tenant, payload) => result(running, goals.get(tenant), refOf(tenant, payload)),
  };
  const answer = async (subject: string, payload: Uint8Array): Promise<Reply> => {
    const tenant = subject.split('.')[2] ?? '';
    if (!goals.has(tenant)) throw new Refusal(`There is no tenant ${tenant}.`);
    const name = Object.keys(handlers).find((known) => subjects.api(tenant, known) === subject);
    const handler = name === undefined ? undefined : handlers[name];
    if (handler !== undefined) return await handler(tenant, payload);
    const all = Object.keys(handlers).map((known) => subjects.api(tenant, known));
    throw new Refusal(`There is no ${subject}. There are ${all.join(', ')}.`);
  };
  bus.nc.subscribe(subjects.allApi, {
    queue: 'supervisor',
    callback: (error, message) => {
      if (error !== null) return;
      answer(message.subject, message.data)
        .catch((reason: unknown): Reply => {
          if (!(reason instanceof Refusal))
            log.warn({ subject: message.subject, reason: String(reason) }, 'the request failed');
          return replyFor(reason);
        })
        .then((reply) => message.respond(encodeJson(reply)))
        .catch((reason: unknown) => log.warn({ reason: String(reason) }, 'the reply could not be sent'));
    },
  });
}

/** Stores the goal, then answers with its run. The same `id` always gives the same run. */
async function create({ channel }: RoleProcess, tenant: Token, payload: Uint8Array): Promise<Reply> {
  const read = readGoal(payload);
  if (!read.ok) throw new Refusal(read.reason);
  const id = read.goal.id ?? uuidV7(Date.now(), randomBytes(10).toString('hex'));
  const again = `Send it again with the id "${id}": that makes no second run.`;
  await store(channel, subjects.goals(tenant), encodeJson({ ...read.goal, id }), 'the goal', again);
  return { runId: runIdOf({ tenant, id, seq: 0, at: 0 }) };
}

async function cancel(running: RoleProcess, goals: GoalIndex | undefined, ref: RunRef): Promise<Reply> {
  const { tenant, run } = ref;
  const ended = await endOf(running, goals, ref);
  if (ended !== undefined) throw new Refusal(`The run ${run} has ended already: ${String(ended['status'])}.`);
  // Not empty: an empty message ends a pull through a service import.
  await store(running.channel, subjects.cancel(tenant, run), encodeJson({}), 'the cancel', 'It does no harm twice.');
  return { runId: run, status: 'cancelling' };
}

/** Resolves when it is in the stream of goals. What NATS refuses is a Refusal that says what to do. */
async function store(
  channel: RoleProcess['channel'],
  subject: string,
  bytes: Uint8Array,
  what: string,
  again: string,
): Promise<void> {
  try {
    readPublishAck(await channel.request(subject, bytes));
  } catch (error) {
    throw error instanceof TransientError ? refusedWrite(what, error, again) : error;
  }
}

/** The result of a run, or that it is still running. */
async function result(running: RoleProcess, goals: GoalIndex | undefined, ref: RunRef): Promise<Reply> {
  const ended = await endOf(running, goals, ref);
  if (ended !== undefined) return ended;
  return { runId: ref.run, status: 'running' };
}

/**
 * The result of a run, or undefined while it goes on. Refuses when the tenant has no such run, whoever else has: neither in
 * the log nor in the archive, nor about to be taken in. Of a run that is in the log without a result the archive says
 * nothing: whoever wrote it there was wrong.
 */
async function endOf(running: RoleProcess, goals: GoalIndex | undefined, ref: RunRef): Promise<Reply | undefined> {
  const { channel } = running;
  const { layout } = running.bus;
  const stream = layout.streamOf(ref.run);
  const ended = await lastOn(channel, stream, layout.result(ref));
  if (ended !== undefined) return replyOf(ref, ended);
  if ((await lastOn(channel, stream, layout.received(ref, BEGINNING, 'supervisor'))) !== undefined) return undefined;
  const archived = await archivedResult(channel, ref);
  if (archived !== undefined) return replyOf(ref, archived);
  if (await goals?.has(ref.run, Date.now())) return undefined;
  throw new Refusal(`There is no run ${ref.run}.`);
}

const replyOf = ({ run }: RunRef, { bytes, at }: StoredMessage): Reply => ({
  runId: run,
  ...resultIn(bytes),
  endedAt: at,
});

async function archivedResult(channel: RoleProcess['channel'], ref: RunRef): Promise<StoredMessage | undefined> {
  const key = `${ref.tenant} ${ref.run}`;
  const kept = archivedResults.get(key);
  if (kept !== undefined) return kept;
  const found = resultInLog(await archivedLog(channel, ref));
  if (found !== undefined) archivedResults.set(key, found);
  return found;
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

/** The tenant's run that a payload names: its ID as text, or `{"runId":"…"}`. */
function refOf(tenant: Token, payload: Uint8Array): RunRef {
  const text = Buffer.from(payload).toString('utf8').trim();
  const named = /"runId"\s*:\s*"([^"]{1,64})"/.exec(text)?.[1] ?? text.replaceAll('"', '');
  const run = RunId.safeParse(named);
  if (!run.success) throw new Refusal('Send the run ID, or {"runId":"…"}.');
  return { tenant, run: run.data };
}
