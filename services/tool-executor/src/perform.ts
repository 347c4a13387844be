import { randomUUID } from 'node:crypto';
import { type Performer, type PerformContext, TransientError } from '@troupe/actor';
import {
  type Evidence,
  type RunRef,
  type SealedEvidence,
  TOOL_CONTENT_CHARS_MAX,
  type ToolOutcome,
} from '@troupe/contract';
import { toolSpecs } from '@troupe/tools';
import { type Toolbox, ToolError, type ToolOutput } from '@troupe/tools/run';
import { started, type ToolRun } from './decide.ts';

const MESSAGE_CHARS_MAX = 1_000;
const MAY_HAVE_HAPPENED = 'Its effect may have happened; it is not run again.';

const EXPIRED: ToolOutcome = { ok: false, kind: 'failed', message: 'The grant has expired.' };

/** A tool did not end within its own time limit. */
class TimeLimitError extends Error {}

/** Says of a passage that a tool returned it in this run. Pure. */
type Seal = (ref: RunRef, passage: Evidence) => SealedEvidence;

/**
 * Runs tools. A tool that is not idempotent runs only after *started* is in the log; what happens to it after that is
 * recorded or unknown, never repeated. Failures are outcomes. Rejects when the bus fails, and with a TransientError
 * when this process stops: what a tool that was cut off has done is for the ledger to say, not for this process. What a
 * tool found is sealed here: nobody else can say of a passage that a tool returned it.
 */
export function toolPerformer(toolbox: Toolbox, seal: Seal, now: () => number): Performer<ToolRun, ToolOutcome> {
  return {
    recall: () => undefined,
    async perform(toRun, context) {
      refuseWhenStopping(context);
      const { grant } = toRun;
      const spec = toolSpecs[grant.tool];
      if (spec === undefined) return { answer: failed(`There is no tool "${grant.tool}".`) };
      if (grant.expiresAt <= now()) return { answer: EXPIRED };
      const ledger = spec.idempotent ? undefined : started(context.input, toRun, randomUUID());
      if (ledger !== undefined) await context.record(ledger);
      // By now the broker's time is known, if it was not before; nothing has happened yet.
      if (grant.expiresAt <= now()) return { answer: EXPIRED };
      refuseWhenStopping(context);
      const running = withinTime(toolbox, toRun, context.signal, spec.timeoutMs);
      const answer = await outcomeOf(running, spec.idempotent, (passage) => seal(grant, passage));
      refuseWhenStopping(context);
      return { answer };
    },
  };
}

function refuseWhenStopping({ signal, id }: PerformContext): void {
  if (signal.aborted) throw new TransientError(`${id}: this process stops; another one goes on.`);
}

/** Ends when the tool does, or at the tool's time limit, or when the process stops: also if the tool does not listen. */
async function withinTime(
  toolbox: Toolbox,
  { grant, arguments: args }: ToolRun,
  processSignal: AbortSignal,
  timeoutMs: number,
): Promise<ToolOutput> {
  const stop = new AbortController();
  const stopped = Promise.withResolvers<never>();
  const end = (reason: Error): void => {
    stopped.reject(reason);
    stop.abort(reason);
  };
  const onProcessStop = (): void => end(new TransientError('this process stops'));
  const timer = setTimeout(() => end(new TimeLimitError(`The tool did not finish within ${timeoutMs} ms.`)), timeoutMs);
  processSignal.addEventListener('abort', onProcessStop);
  try {
    const call = { callId: grant.call, run: grant.run, signal: stop.signal };
    return await Promise.race([toolbox.run(grant.tool, args, call), stopped.promise]);
  } finally {
    clearTimeout(timer);
    processSignal.removeEventListener('abort', onProcessStop);
  }
}

async function outcomeOf(
  running: Promise<ToolOutput>,
  idempotent: boolean,
  sealed: (passage: Evidence) => SealedEvidence,
): Promise<ToolOutcome> {
  try {
    const { content, evidence } = await running;
    const text = content.slice(0, TOOL_CONTENT_CHARS_MAX).toWellFormed();
    return { ok: true, content: text, evidence: evidence.map(sealed) };
  } catch (error) {
    const message = messageOf(error);
    const isHarmless = idempotent || (error instanceof ToolError && error.beforeEffect);
    if (!isHarmless) return { ok: false, kind: 'unknown', message: mayHaveHappened(message) };
    return error instanceof TimeLimitError ? { ok: false, kind: 'timeout', message } : failed(message);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof ToolError || error instanceof TimeLimitError) return error.message;
  return `The tool failed: ${error instanceof Error ? error.message : String(error)}`;
}

function mayHaveHappened(message: string): string {
  const sentence = message.replace(/[.…]?$/, '.');
  return `${bounded(sentence, MESSAGE_CHARS_MAX - MAY_HAVE_HAPPENED.length - 1)} ${MAY_HAVE_HAPPENED}`;
}

/** Cut to at most `charsMax`; half a character is no text that can be sent. */
const bounded = (text: string, charsMax = MESSAGE_CHARS_MAX): string => text.slice(0, charsMax).toWellFormed();

const failed = (message: string): ToolOutcome => ({ ok: false, kind: 'failed', message: bounded(message) });
