import type { Question, ToolCall, ToolOffer, Turn } from '@troupe/contract';
import type { Reply } from '../providers/provider.ts';
import type { Model } from './model.ts';

/** What stands around each turn and each tool: who speaks, where it begins and ends. */
const FRAME_TOKENS = 6;

/** From here on a character of a script is about a token of its own: Chinese, Japanese, Korean, emoji. */
const DENSE_SCRIPTS = 0x2e80;

/**
 * How many tokens a question's prompt has for a model, before anybody has counted them: everything that it would read,
 * the schemas of all tools and the thinking that goes back included.
 */
export function estimateTokens(question: Question, model: Model): number {
  let tokens = textTokens(question.system, model) + FRAME_TOKENS;
  for (const turn of question.turns) tokens += turnTokens(turn, model) + FRAME_TOKENS;
  for (const tool of question.tools) tokens += toolTokens(tool, model) + FRAME_TOKENS;
  return Math.ceil(tokens);
}

/** How many tokens an answer has as it came, without what was thought. */
export function writtenTokens({ text, toolCalls }: Pick<Reply, 'text' | 'toolCalls'>, model: Model): number {
  let tokens = textTokens(text, model);
  for (const call of toolCalls) tokens += callTokens(call, model);
  return Math.ceil(tokens);
}

function turnTokens(turn: Turn, model: Model): number {
  if (turn.role !== 'assistant') return textTokens(turn.text, model);
  let tokens = textTokens(turn.text, model);
  for (const call of turn.toolCalls) tokens += callTokens(call, model) + FRAME_TOKENS;
  const { echo } = turn;
  const goesBack = model.echo && echo?.provider === model.provider && echo.model === model.name;
  return goesBack ? tokens + textTokens(JSON.stringify(echo.parts), model) : tokens;
}

function callTokens(call: ToolCall, model: Model): number {
  return textTokens(call.name, model) + textTokens(JSON.stringify(call.arguments), model);
}

function toolTokens(tool: ToolOffer, model: Model): number {
  return (
    textTokens(tool.name, model) +
    textTokens(tool.description, model) +
    textTokens(JSON.stringify(tool.parameters), model)
  );
}

/** Not rounded: the sum of many small texts is. */
function textTokens(text: string, { charsPerToken }: Model): number {
  let dense = 0;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) >= DENSE_SCRIPTS) dense += 1;
  return dense + (text.length - dense) / charsPerToken;
}
