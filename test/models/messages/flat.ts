import { createHash } from 'node:crypto';
import type { CountRequest } from './request.ts';

type Messages = CountRequest['messages'];
type UserBlock = Exclude<Extract<Messages[number], { role: 'user' }>['content'], string>[number];
type AssistantBlock = Exclude<Extract<Messages[number], { role: 'assistant' }>['content'], string>[number];
export type Block = UserBlock | AssistantBlock;

/** One block of a conversation, with where it was. Turns of one role behind each other are one turn. */
export interface Placed {
  role: 'user' | 'assistant';
  block: Block;
  /** As the service names it: `messages.1.content.0`. */
  place: string;
}

/** All blocks of a conversation in order. */
export function flattened(messages: Messages): Placed[] {
  return messages.flatMap(({ role, content }, index): Placed[] => {
    const blocks: readonly Block[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    return blocks.map((block, at) => ({ role, block, place: `messages.${index}.content.${at}` }));
  });
}

export const systemText = (system: CountRequest['system']): string =>
  typeof system === 'string' ? system : (system ?? []).map(({ text }) => text).join('');

export const resultText = (content: string | readonly { text: string }[] | undefined): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join('');

/** What of a block counts for the conversation's identity: where it may be cached does not. */
export function identityOf({ role, block }: Pick<Placed, 'role' | 'block'>): string {
  switch (block.type) {
    case 'text':
      return JSON.stringify([role, block.text]);
    case 'tool_use':
      return JSON.stringify([role, block.id, block.name, block.input]);
    case 'tool_result':
      return JSON.stringify([role, block.tool_use_id, resultText(block.content), block.is_error ?? false]);
    case 'thinking':
      return JSON.stringify([role, block.thinking, block.signature]);
    case 'redacted_thinking':
      return JSON.stringify([role, block.data]);
  }
}

/** Digests of the conversation before each of its blocks, and last of all of it: system and tools, then the blocks. */
export function prefixDigests({ system, tools = [] }: CountRequest, blocks: readonly Placed[]): string[] {
  const hash = createHash('sha256').update(
    JSON.stringify([
      systemText(system),
      tools.map((tool) => [tool.name, tool.description, tool.input_schema, tool.strict ?? false]),
    ]),
  );
  const digests = [hash.copy().digest('base64url')];
  for (const placed of blocks) {
    hash.update(identityOf(placed));
    digests.push(hash.copy().digest('base64url'));
  }
  return digests;
}
