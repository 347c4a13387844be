import type { EchoPart, ToolCall, Turn } from '@troupe/contract';
import { z } from 'zod';
import { isObject } from '../openai/calls.ts';
import { echoOf, partsToEcho } from '../openai/echo.ts';
import type { Call, Reply } from '../provider.ts';

type Extra = Record<string, unknown>;

const CallExtra = z.object({ extra_content: z.custom<Extra>(isObject) });

/** What goes back with the calls of an answer: nothing but what the server said beside them. */
export function echoOfCalls(text: string, extras: readonly (Extra | undefined)[], call: Call): Reply['echo'] {
  if (extras.every((extra) => extra === undefined)) return undefined;
  const parts: EchoPart[] = text === '' ? [] : [{ kind: 'text', chars: text.length }];
  for (const [index, extra] of extras.entries()) {
    parts.push({ kind: 'call', call: index, ...(extra && { extra: { extra_content: extra } }) });
  }
  return echoOf(call, parts);
}

/** What the server said beside each call of an earlier answer, if it is sent back. */
export function extrasOf(turn: Extract<Turn, { role: 'assistant' }>, call: Call): ReadonlyMap<ToolCall, Extra> {
  const extras = new Map<ToolCall, Extra>();
  for (const part of partsToEcho(turn, call) ?? []) {
    if (part.kind !== 'call') continue;
    const made = turn.toolCalls[part.call];
    const extra = CallExtra.safeParse(part.extra).data?.extra_content;
    if (made && extra) extras.set(made, extra);
  }
  return extras;
}
