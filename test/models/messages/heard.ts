import type { Conversation, Effort, Heard } from '../character.ts';
import { flattened, resultText, systemText } from './flat.ts';
import type { MessagesModel } from './models.ts';
import type { CountRequest } from './request.ts';

/** A request as a character hears it. */
export function conversationOf(request: CountRequest, model: MessagesModel): Conversation {
  const { tools = [], tool_choice: choice } = request;
  return {
    system: systemText(request.system),
    messages: heardIn(request),
    tools: tools.map(({ name, description = '', input_schema: parameters, strict = false }) => ({
      name,
      description,
      parameters,
      strict,
    })),
    choice: choiceOf(choice),
    parallelCalls: choice === undefined || choice.type === 'none' || choice.disable_parallel_tool_use !== true,
    effort: effortOf(request, model),
    format: request.output_config?.format?.schema,
  };
}

function choiceOf(choice: CountRequest['tool_choice']): Conversation['choice'] {
  if (choice === undefined) return 'auto';
  return choice.type === 'tool' ? { name: choice.name } : choice.type;
}

function effortOf({ thinking, output_config: output }: CountRequest, model: MessagesModel): Effort {
  if ((thinking?.type ?? model.thinking[0]) === 'disabled') return 'none';
  return output?.effort ?? model.effort ?? 'medium';
}

function heardIn({ messages }: CountRequest): Heard[] {
  const heard: Heard[] = [];
  for (const { role, block } of flattened(messages)) {
    const last = heard.at(-1);
    if (block.type === 'tool_result') {
      const { tool_use_id: callId, content, is_error: failed = false } = block;
      heard.push({ role: 'result', callId, text: resultText(content), failed });
    } else if (block.type === 'text' && role === 'user') {
      heard.push({ role, text: block.text });
    } else if (block.type === 'text' || block.type === 'tool_use') {
      const open = last?.role === 'assistant' ? last : { role: 'assistant' as const, text: '', calls: [] };
      if (last === open) heard.pop();
      const call = block.type === 'tool_use' ? [{ id: block.id, name: block.name, arguments: block.input }] : [];
      const text = block.type === 'text' ? open.text + block.text : open.text;
      heard.push({ role: 'assistant', text, calls: [...open.calls, ...call] });
    }
  }
  return heard;
}
