import type { Question, ToolCall, ToolOffer, Turn } from '@troupe/contract';
import type { OpenAI } from 'openai';

type Request = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;
type Message = OpenAI.Chat.ChatCompletionMessageParam;

/** How a server names the bound on output tokens: OpenAI's own has renamed it, compatible ones know the old name. */
export type OutputLimit = 'max_completion_tokens' | 'max_tokens';

/** A question as a chat completion. Servers refuse an empty list of tools, so there is none without tools. */
export function toRequest(question: Question, model: string, outputLimit: OutputLimit): Request {
  const system: Message[] = question.system === '' ? [] : [{ role: 'system', content: question.system }];
  return {
    model,
    messages: [...system, ...question.turns.map(toMessage)],
    [outputLimit]: question.outputTokensMax,
    ...(question.tools.length > 0 && {
      tools: question.tools.map(toTool),
      tool_choice: question.mustCall ? 'required' : 'auto',
    }),
  };
}

function toMessage(turn: Turn): Message {
  switch (turn.role) {
    case 'user':
      return { role: 'user', content: turn.text };
    case 'tool':
      // The protocol has no mark for a failed call, so the text says it.
      return { role: 'tool', tool_call_id: turn.callId, content: turn.failed ? `Failed: ${turn.text}` : turn.text };
    case 'assistant':
      return turn.toolCalls.length === 0
        ? { role: 'assistant', content: turn.text }
        : { role: 'assistant', content: turn.text || null, tool_calls: turn.toolCalls.map(toToolCall) };
  }
}

function toToolCall(call: ToolCall): OpenAI.Chat.ChatCompletionMessageFunctionToolCall {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } };
}

function toTool(offer: ToolOffer): OpenAI.Chat.ChatCompletionFunctionTool {
  return {
    type: 'function',
    function: { name: offer.name, description: offer.description, parameters: offer.parameters },
  };
}
