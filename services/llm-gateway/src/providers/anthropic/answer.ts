import { Answered } from '@troupe/contract';
import type { ToolCall } from '@troupe/contract';
import { z } from 'zod';
import { dropNulls } from '../../schema/relax.ts';
import { failed } from '../failure.ts';
import type { Call, Outcome } from '../provider.ts';
import { textOf } from './content.ts';
import { toEcho } from './echo.ts';
import type { Streamed } from './stream.ts';

const WireCall = z.object({ id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) });
const Said = Answered.pick({ text: true, toolCalls: true });

/** What a message that came to its end means. Whatever it means, it was paid. */
export function toOutcome(message: Streamed, call: Call, provider: string, secret: string): Outcome {
  const { model, content, stop, usage } = message;
  const no = { usage, secret };
  if (stop === 'refusal')
    return failed('refused', `the model will not answer (${message.category ?? 'no reason'})`, no);
  if (stop === 'model_context_window_exceeded') return failed('too_long', 'the answer did not fit the context', no);
  const isCut = stop === 'max_tokens';
  const calls: ToolCall[] = [];
  // Of an answer that was cut off, no call is run: its last one may be half of what was meant.
  for (const block of isCut ? [] : content) {
    if (block.type !== 'tool_use') continue;
    const parsed = WireCall.safeParse(block);
    if (!parsed.success) return failed('malformed', `the input of the call of "${block.name}" is no JSON object`, no);
    const { id, name, input } = parsed.data;
    calls.push({ id, name, arguments: mended(input, name, call) });
  }
  const said = Said.safeParse({ text: textOf(content).toWellFormed(), toolCalls: calls });
  if (!said.success) return failed('malformed', `the answer is out of bounds: ${z.prettifyError(said.error)}`, no);
  const echo = call.model.echo && !isCut ? toEcho(content, calls, { provider, model: call.model.name }) : undefined;
  const reply = { ok: true, model, ...said.data, usage, ...(echo && { echo }) } as const;
  if (isCut) return { ...reply, stop: 'length' };
  return { ...reply, stop: calls.length > 0 ? 'tools' : 'end' };
}

/** A strict schema has no parameters that may be left out: null stands for those. */
function mended(input: Record<string, unknown>, name: string, { question }: Call): Record<string, unknown> {
  const tool = question.tools.find((offer) => offer.name === name);
  return tool ? dropNulls(input, tool.parameters) : input;
}
