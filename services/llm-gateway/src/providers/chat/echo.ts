import type { EchoPart, ToolCall, Turn } from '@troupe/contract';
import { z } from 'zod';
import { isObject } from '../openai/calls.ts';
import { echoOf, partsToEcho } from '../openai/echo.ts';
import type { Call, Reply } from '../provider.ts';

/** What a call was beside its name and its arguments as they are read. */
const CallExtra = z.object({
  extra_content: z.custom<Record<string, unknown>>(isObject).optional(),
  /** As the model wrote them, where they cannot be written again: what is signed may be signed for them. */
  arguments: z.string().optional(),
});
type CallExtra = z.infer<typeof CallExtra>;

/** A call as it was read, and as it came. */
interface ReadCall {
  call: ToolCall;
  written: string;
  extra: Record<string, unknown> | undefined;
}

/** What goes back with the calls of an answer, if the server said anything beside them. */
export function echoOfCalls(text: string, calls: readonly ReadCall[], asked: Call): Reply['echo'] {
  if (calls.every(({ extra }) => extra === undefined)) return undefined;
  const parts: EchoPart[] = text === '' ? [] : [{ kind: 'text', chars: text.length }];
  for (const [index, { call, written, extra }] of calls.entries()) {
    const isPlain = written === JSON.stringify(call.arguments);
    const kept = { ...(extra && { extra_content: extra }), ...(!isPlain && { arguments: written }) };
    parts.push({ kind: 'call', call: index, extra: kept });
  }
  return echoOf(asked, parts);
}

/** Google's word for a call that another model has made, and that it has not signed. */
const FOREIGN_CALL = { google: { thought_signature: 'skip_thought_signature_validator' } };
const SIGNING_FAMILY = 'gemini';

/** What goes with each call of an earlier answer. Gemini refuses a first call that nothing is signed in. */
export function extrasOf(turn: Extract<Turn, { role: 'assistant' }>, asked: Call): ReadonlyMap<ToolCall, CallExtra> {
  const extras = new Map<ToolCall, CallExtra>();
  for (const part of partsToEcho(turn, asked) ?? []) {
    if (part.kind !== 'call') continue;
    const call = turn.toolCalls[part.call];
    const extra = CallExtra.safeParse(part.extra).data;
    if (call && extra) extras.set(call, extra);
  }
  const [first] = turn.toolCalls;
  const isForeign = first && asked.model.family === SIGNING_FAMILY && !extras.get(first)?.extra_content;
  if (isForeign) extras.set(first, { ...extras.get(first), extra_content: FOREIGN_CALL });
  return extras;
}
