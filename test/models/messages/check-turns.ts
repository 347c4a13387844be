import { flattened, type Block } from './flat.ts';
import type { MessagesModel } from './models.ts';
import { Refused } from './refusal.ts';
import type { CountRequest } from './request.ts';

/** Who speaks when, and that each call has its one result right behind it. `isPaused`: the last turn is to be gone on with. */
export function checkTurns(request: CountRequest, { prefill }: MessagesModel, isPaused: () => boolean): void {
  const { messages } = request;
  if (messages[0]?.role !== 'user') throw new Refused('messages: first message must use the "user" role');
  for (const { block, place } of flattened(messages)) {
    if (block.type !== 'text') continue;
    if (block.text === '') throw new Refused(`${place}: text content blocks must be non-empty`);
    if (block.text.trim() === '') throw new Refused(`${place}: text content blocks must contain non-whitespace text`);
  }
  checkResults(messages);
  if (messages.at(-1)?.role === 'assistant' && !prefill && !isPaused())
    throw new Refused(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
}

function checkResults(messages: CountRequest['messages']): void {
  let open: string[] = [];
  const seen = new Set<string>();
  for (const [index, { role, content }] of messages.entries()) {
    const blocks: readonly Block[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    if (blocks.length === 0)
      throw new Refused(
        `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
      );
    if (role === 'assistant') {
      for (const block of blocks) {
        if (block.type !== 'tool_use') continue;
        if (seen.has(block.id)) throw new Refused(`messages.${index}: \`tool_use\` ids must be unique`);
        seen.add(block.id);
        open.push(block.id);
      }
      continue;
    }
    checkAnswered(blocks, open, index);
    open = [];
  }
}

function checkAnswered(blocks: readonly Block[], open: readonly string[], index: number): void {
  const answered: string[] = [];
  let isBehindText = false;
  for (const [at, block] of blocks.entries()) {
    if (block.type !== 'tool_result') {
      isBehindText = true;
      continue;
    }
    const id = block.tool_use_id;
    if (!open.includes(id))
      throw new Refused(
        `messages.${index}.content.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    if (answered.includes(id))
      throw new Refused(
        `messages.${index}.content.${at}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
      );
    // Behind text a result is not looked for.
    if (!isBehindText) answered.push(id);
  }
  const missing = open.filter((id) => !answered.includes(id));
  if (missing.length > 0)
    throw new Refused(
      `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
}
