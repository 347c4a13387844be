import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@troupe/actor';
import { DEFAULT_TENANT, type GoalOptions, RunId, type RunRef, subjects, type Token } from '@troupe/contract';
import type { Bus } from '@troupe/nats';
import { z } from 'zod';
import { EXIT, Failure, sentenceOf } from './failure.ts';

/** Longer than the supervisor waits for the store: what it says of that is worth more than silence. */
const REPLY_MS_MAX = 6_000;
/** A supervisor that is starting, or started again, answers within this. */
const PATIENCE_MS = 9_000;
const PAUSE_MS = 250;

const Refused = z.object({ error: z.string(), retry_after_ms: z.number().optional() });
const Created = z.object({ runId: RunId });

/** A goal with the options that the user set; the others are the contract's defaults. */
export interface NewGoal {
  id?: string;
  goal: string;
  options: Partial<GoalOptions>;
}

/**
 * Publishes a goal and gives its run. A refusal is a Failure with the reason, with the exit code `later` if it may pass. The goal has an ID before it is sent,
 * so that a request that is made again makes no second run.
 */
export async function createRun(bus: Bus, goal: NewGoal, tenant: Token = DEFAULT_TENANT): Promise<RunId> {
  const id = goal.id ?? uuidV7(Date.now(), randomBytes(10).toString('hex'));
  return Created.parse(await callApi(bus, subjects.api(tenant, 'create'), JSON.stringify({ ...goal, id }))).runId;
}

/** Asks for the end of a run. A run that has ended is a Failure. */
export async function cancelRun(bus: Bus, { tenant, run }: RunRef): Promise<void> {
  await callApi(bus, subjects.api(tenant, 'cancel'), run);
}

/** What may pass has an exit code of its own, for scripts: the sentence says when to try again. */
const failureOf = ({ error, retry_after_ms }: z.infer<typeof Refused>): Failure =>
  new Failure(error, retry_after_ms === undefined ? EXIT.failed : EXIT.later);

/** One request to the API that a supervisor serves; made again while none answers. */
async function callApi(bus: Bus, subject: string, payload: string): Promise<unknown> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const reply: unknown = (await bus.nc.request(subject, payload, { timeout: REPLY_MS_MAX })).json();
      const refused = Refused.safeParse(reply);
      if (refused.success) throw failureOf(refused.data);
      return reply;
    } catch (error) {
      if (error instanceof Failure) throw error;
      if (Date.now() > deadline) {
        const reason = `No supervisor answers (${sentenceOf(error)}). Is Troupe up? Start it with: npm start`;
        throw new Failure(reason, EXIT.failed, { cause: error });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
