import type { Anthropic } from '@anthropic-ai/sdk';
import { Echo, ECHO_CHARS_MAX, JSON_NODES_MAX, jsonSize, parse } from '@troupe/contract';
import type { EchoPart, ToolCall, Turn } from '@troupe/contract';
import { Block } from './content.ts';

type AssistantTurn = Extract<Turn, { role: 'assistant' }>;

/** How deep an echo may nest: it is carried inside answers, and those inside messages. */
export const ECHO_NESTING_MAX = 16;
const BOUNDS = { charsMax: ECHO_CHARS_MAX, nodesMax: JSON_NODES_MAX, depthMax: ECHO_NESTING_MAX };
/** As JSON writes half a surrogate pair, which no message may hold. */
const HALF_A_PAIR = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/**
 * What the next request needs to repeat this answer block by block; undefined if its text and calls say it all. Over the
 * contract's bounds it is an echo without parts: what was thought is lost. `calls` are those of the content's `tool_use`
 * blocks, in their order.
 */
export function toEcho(
  content: readonly Block[],
  calls: readonly ToolCall[],
  from: { provider: string; model: string },
): Echo | undefined {
  if (content.every(({ type }) => type === 'text' || type === 'tool_use')) return undefined;
  let callsSeen = 0;
  const parts = content.map((block): EchoPart => {
    if (block.type === 'text') return { kind: 'text', chars: block.text.length, ...extraOfText(block) };
    if (block.type !== 'tool_use') return { kind: 'opaque', block: { ...block } };
    const index = callsSeen;
    callsSeen += 1;
    return { kind: 'call', call: index, ...extraOfCall(block, calls[index]) };
  });
  const echo = parse(Echo, { ...from, parts });
  const isWhole = echo.success && jsonSize(parts, BOUNDS) && !HALF_A_PAIR.test(JSON.stringify(parts));
  return isWhole ? echo.data : { ...from, parts: [] };
}

/** Extras are whole blocks, so that their keys keep their order; null stands for what is in the answer's own fields. */
function extraOfText(block: Anthropic.TextBlockParam): { extra?: Record<string, unknown> } {
  return Object.keys(block).join() === 'type,text' ? {} : { extra: { ...block, text: null } };
}

/** Arguments that were mended for their tool are not what the model wrote: that is kept too. */
function extraOfCall(
  block: Anthropic.ToolUseBlockParam,
  call: ToolCall | undefined,
): { extra?: Record<string, unknown> } {
  const isSame = JSON.stringify(block.input) === JSON.stringify(call?.arguments);
  if (isSame && Object.keys(block).join() === 'type,id,name,input') return {};
  return { extra: { ...block, id: null, name: null, input: isSame ? null : block.input } };
}

/** The blocks that an answer consisted of; undefined if its echo does not fit what the turn says. */
export function fromEcho({ text, toolCalls, echo }: AssistantTurn): Block[] | undefined {
  const blocks: unknown[] = [];
  let read = 0;
  let callsSeen = 0;
  for (const part of echo?.parts ?? []) {
    if (part.kind === 'opaque') {
      // Whoever asks says what it was: another block may name files and addresses that are not theirs.
      if (!isThought(part.block)) return undefined;
      blocks.push(part.block);
    } else if (part.kind === 'text') {
      if (part.extra && part.extra['type'] !== 'text') return undefined;
      const next = text.slice(read, read + part.chars);
      read += part.chars;
      blocks.push(part.extra ? { ...part.extra, text: next } : { type: 'text', text: next });
    } else {
      const call = toolCalls[part.call];
      if (call === undefined || part.call !== callsSeen) return undefined;
      if (part.extra && part.extra['type'] !== 'tool_use') return undefined;
      callsSeen += 1;
      blocks.push(toolUse(call, part.extra));
    }
  }
  if (read !== text.length || callsSeen !== toolCalls.length) return undefined;
  const parsed = Block.array().safeParse(blocks);
  return parsed.success ? parsed.data : undefined;
}

const isThought = ({ type }: Record<string, unknown>): boolean => type === 'thinking' || type === 'redacted_thinking';

function toolUse({ id, name, arguments: input }: ToolCall, extra: Record<string, unknown> | undefined): object {
  return extra ? { ...extra, id, name, input: extra['input'] ?? input } : { type: 'tool_use', id, name, input };
}
