import type { Question, ToolCall, Usage } from '@troupe/contract';

const CHARS_PER_TOKEN = 4;

/**
 * An estimate, for answers whose provider counts no tokens: one token per four characters, rounded up, of everything
 * a model would read (system, turns, tools) and of everything it wrote (text, tool calls).
 */
export function estimatedUsage(question: Question, text: string, toolCalls: readonly ToolCall[]): Usage {
  let inputChars = question.system.length;
  for (const turn of question.turns) {
    inputChars += turn.text.length;
    if (turn.role === 'assistant') inputChars += charsOfCalls(turn.toolCalls);
  }
  for (const tool of question.tools) {
    inputChars += tool.name.length + tool.description.length + JSON.stringify(tool.parameters).length;
  }
  return {
    inputTokens: Math.ceil(inputChars / CHARS_PER_TOKEN),
    outputTokens: Math.ceil((text.length + charsOfCalls(toolCalls)) / CHARS_PER_TOKEN),
  };
}

function charsOfCalls(calls: readonly ToolCall[]): number {
  let chars = 0;
  for (const call of calls) chars += call.name.length + JSON.stringify(call.arguments).length;
  return chars;
}
