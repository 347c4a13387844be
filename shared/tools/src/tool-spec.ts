import { z } from 'zod';
import type { ToolOffer } from '@troupe/contract';

const PROBLEMS_MAX = 5;
const MESSAGE_CHARS_MAX = 600;

/**
 * What is known of a tool without running it. `args` is a strict schema in which every string and number is bounded.
 * An `idempotent` tool may run twice for one call; any other runs under the executor's effect ledger.
 */
export interface ToolSpec<Arguments extends Record<string, unknown> = Record<string, unknown>> {
  readonly name: string;
  /** Written for the model: what the tool returns and when to use it. */
  readonly description: string;
  readonly args: z.ZodType<Arguments>;
  readonly idempotent: boolean;
  readonly timeoutMs: number;
}

export type ParsedArguments<Arguments> = { ok: true; args: Arguments } | { ok: false; message: string };

/** The tool as a model sees it; `parameters` is the JSON Schema of the arguments as they are written, defaults left out. */
export function toolOffer(spec: ToolSpec): ToolOffer {
  const { $schema: _dialect, ...parameters } = z.toJSONSchema(spec.args, { io: 'input' });
  return { name: spec.name, description: spec.description, parameters };
}

/** Checks a call's arguments. A refusal is data: its `message` (at most 600 characters) is fit for the model to read. */
export function parseArguments<Arguments extends Record<string, unknown>>(
  spec: ToolSpec<Arguments>,
  args: unknown,
): ParsedArguments<Arguments> {
  const parsed = spec.args.safeParse(args);
  if (parsed.success) return { ok: true, args: parsed.data };
  const problems = parsed.error.issues
    .slice(0, PROBLEMS_MAX)
    .map((issue) => `${issue.path.map(String).join('.') || 'arguments'}: ${issue.message}`);
  return { ok: false, message: `${spec.name}: ${problems.join('; ')}`.slice(0, MESSAGE_CHARS_MAX) };
}
