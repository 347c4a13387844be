import { z } from 'zod';
import { Arguments } from './arguments.ts';
import { SealedEvidence } from './artifact.ts';
import { EVIDENCE_MAX, TEXT_CHARS_MAX, TOOL_CONTENT_CHARS_MAX } from './limits.ts';
import { RunId, Token } from './identifiers.ts';
import { body } from './body.ts';
import { Warrant } from './task.ts';

const CallId = z.string().min(1).max(128);
const ToolName = z.string().min(1).max(64);

/** A worker asks the guard for a tool call. `call` is unique in the task; `modelCall` is the ID that the model gave it. */
export const ToolRequested = body(
  'tool.requested',
  z.object({
    call: CallId,
    modelCall: CallId,
    tool: ToolName,
    arguments: Arguments,
    /** From the task: without it, nothing is granted. */
    warrant: Warrant.optional(),
  }),
);

/**
 * What the guard signs: one call of one tool with exactly these arguments, until `expiresAt` (Unix ms).
 */
export const Grant = z.object({
  tenant: Token,
  run: RunId,
  task: Token,
  call: CallId,
  tool: ToolName,
  argumentsDigest: z.string().regex(/^[0-9a-f]{64}$/),
  requester: Token,
  policy: z.string().min(1).max(128),
  expiresAt: z.int().positive(),
});
export type Grant = z.infer<typeof Grant>;

/** `signature` is base64url. */
export const ToolGranted = body(
  'tool.granted',
  z.object({ grant: Grant, signature: z.string().min(1).max(128), arguments: Arguments }),
);

export const ToolDenied = body(
  'tool.denied',
  z.object({ call: CallId, tool: ToolName, reason: z.string().max(TEXT_CHARS_MAX), rule: z.string().max(128) }),
);

export const ToolOutcome = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    content: z.string().max(TOOL_CONTENT_CHARS_MAX),
    evidence: z.array(SealedEvidence).max(EVIDENCE_MAX),
  }),
  z.object({
    ok: z.literal(false),
    /** `unknown`: the effect may or may not have happened and is not tried again. */
    kind: z.enum(['failed', 'timeout', 'unknown']),
    message: z.string().max(TEXT_CHARS_MAX),
  }),
]);
export type ToolOutcome = z.infer<typeof ToolOutcome>;

export const ToolReturned = body('tool.returned', z.object({ call: CallId, tool: ToolName, outcome: ToolOutcome }));

/** Ledger entry before a tool that is not idempotent runs: the ledger of effects, see shared/README.md. */
export const EffectStarted = body(
  'effect.started',
  // `attempt` differs between processes: two that start the same effect in the same millisecond are not the same entry.
  z.object({ call: CallId, tool: ToolName, attempt: z.string().min(1).max(64) }),
);

/** The executor refused a grant: forged, altered, expired or used. Kept in the log; nobody is answered. */
export const GrantRefused = body('grant.refused', z.object({ call: CallId, reason: z.string().max(TEXT_CHARS_MAX) }));
