import type { Anthropic } from '@anthropic-ai/sdk';
import type { Turn } from '@troupe/contract';
import { hash32 } from '../hash.ts';
import type { Block } from './content.ts';
import { fromEcho } from './echo.ts';

type AssistantTurn = Extract<Turn, { role: 'assistant' }>;

/** What an assistant is told that has said all it wanted: a conversation may not end with its own words. */
const GO_ON = 'Continue.';

/** Whose echoes are sent back as they are. Those of other models are left out as a whole. */
export interface Origin {
  provider: string;
  model: string;
}

/**
 * Turns as messages, in which the roles alternate. All results of an assistant's calls come in the one message after it,
 * before any text. What says nothing leaves no block and no message: both are refused.
 */
export function toMessages(turns: readonly Turn[], echoesOf: Origin | undefined): Anthropic.MessageParam[] {
  const messages: Anthropic.MessageParam[] = [];
  const ids = callIds();
  let results: Block[] = [];
  let texts: Block[] = [];
  let said: Block[] = [];
  const endUserMessage = () => {
    if (results.length + texts.length > 0) messages.push({ role: 'user', content: [...results, ...texts] });
    results = [];
    texts = [];
  };
  const echoesFrom = echoesOf ? firstEcho(turns, echoesOf) : turns.length;
  for (const [index, turn] of turns.entries()) {
    if (turn.role === 'user') texts.push(...textBlocks(turn.text));
    else if (turn.role === 'tool') results.push(toResult(turn, ids.ofResult(turn.callId)));
    else {
      const content = toContent(turn, index >= echoesFrom ? echoesOf : undefined, ids);
      if (content.length === 0) continue;
      endUserMessage();
      // Nobody said anything since the assistant did.
      if (messages.at(-1)?.role === 'assistant') said.push(...content);
      else messages.push({ role: 'assistant', content: (said = content) });
    }
  }
  endUserMessage();
  if (messages.at(-1)?.role === 'assistant') messages.push({ role: 'user', content: textBlocks(GO_ON) });
  return messages;
}

/** Thoughts before lost ones are left out too: to come back with a gap is refused. */
function firstEcho(turns: readonly Turn[], { provider, model }: Origin): number {
  const lost = ({ echo }: AssistantTurn) =>
    echo?.provider === provider && echo.model === model && echo.parts.length === 0;
  return turns.findLastIndex((turn) => turn.role === 'assistant' && lost(turn)) + 1;
}

function toResult(turn: Extract<Turn, { role: 'tool' }>, id: string): Anthropic.ToolResultBlockParam {
  return { type: 'tool_result', tool_use_id: id, content: turn.text, is_error: turn.failed };
}

function toContent(turn: AssistantTurn, echoesOf: Origin | undefined, ids: CallIds): Block[] {
  // Thoughts alone, with nothing said after them, are refused as an assistant's last block.
  if (turn.text.trim() === '' && turn.toolCalls.length === 0) return [];
  const isOwn = echoesOf && turn.echo?.provider === echoesOf.provider && turn.echo.model === echoesOf.model;
  const plain = turn.toolCalls.map(
    ({ id, name, arguments: input }) =>
      ({ type: 'tool_use', id: ids.ofCall(id), name: wireName(name), input }) as const,
  );
  const exact = isOwn ? fromEcho(turn) : undefined;
  return exact?.filter(isSaid) ?? [...textBlocks(turn.text), ...plain];
}

const isSaid = (block: Block): boolean => block.type !== 'text' || block.text.trim() !== '';

/** Blank text blocks are refused. */
function textBlocks(text: string): Anthropic.TextBlockParam[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

type CallIds = ReturnType<typeof callIds>;

/** IDs of calls as they pass here, where each may be used once: other providers' may hold anything, and come again. */
function callIds() {
  const used = new Set<string>();
  const current = new Map<string, string>();
  return {
    ofCall(id: string): string {
      const plain = wireName(id);
      let unique = plain;
      for (let time = 2; used.has(unique); time += 1) unique = `${plain}_${time}`;
      used.add(unique);
      current.set(id, unique);
      return unique;
    },
    ofResult: (id: string): string => current.get(id) ?? wireName(id),
  };
}

/** In the only characters that pass here. */
function wireName(name: string): string {
  return /^[\w-]+$/.test(name) ? name : `${name.replace(/[^\w-]/g, '_').slice(0, 48)}_${hash32(name).toString(36)}`;
}
