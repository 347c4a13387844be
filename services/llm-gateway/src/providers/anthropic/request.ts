import type { Anthropic } from '@anthropic-ai/sdk';
import type { Question, ToolOffer, Turn } from '@troupe/contract';

type Request = Anthropic.MessageCreateParamsNonStreaming;
type Block = Anthropic.TextBlockParam | Anthropic.ToolUseBlockParam | Anthropic.ToolResultBlockParam;
interface Message {
  role: 'user' | 'assistant';
  content: Block[];
}

/** A question as a request to the Messages API. */
export function toRequest(question: Question, model: string): Request {
  return {
    model,
    max_tokens: question.outputTokensMax,
    messages: toMessages(question.turns),
    ...(question.system !== '' && { system: question.system }),
    ...(question.tools.length > 0 && { tools: question.tools.map(toTool), ...toolChoice(question.mustCall) }),
  };
}

/** A forced call and thinking exclude each other, and some models think unless they are told not to. */
function toolChoice(mustCall: boolean): Pick<Request, 'tool_choice' | 'thinking'> {
  return mustCall
    ? { tool_choice: { type: 'any' }, thinking: { type: 'disabled' } }
    : { tool_choice: { type: 'auto' } };
}

/** Roles alternate on the wire: neighbours of the same role, such as the results of parallel calls, become one message. */
function toMessages(turns: readonly Turn[]): Message[] {
  const messages: Message[] = [];
  for (const turn of turns) {
    const content = toBlocks(turn);
    const role = turn.role === 'assistant' ? 'assistant' : 'user';
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...content);
    // A message without content is refused, so a turn that says nothing leaves none.
    else if (content.length > 0) messages.push({ role, content });
  }
  return messages;
}

function toBlocks(turn: Turn): Block[] {
  switch (turn.role) {
    case 'user':
      return textBlocks(turn.text);
    case 'tool':
      return [{ type: 'tool_result', tool_use_id: turn.callId, content: turn.text, is_error: turn.failed }];
    case 'assistant': {
      const calls = turn.toolCalls.map(
        ({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input }) as const,
      );
      return [...textBlocks(turn.text), ...calls];
    }
  }
}

/** Blank text blocks are refused. */
function textBlocks(text: string): Anthropic.TextBlockParam[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

function toTool(offer: ToolOffer): Anthropic.Tool {
  return { name: offer.name, description: offer.description, input_schema: { ...offer.parameters, type: 'object' } };
}
