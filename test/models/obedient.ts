import type { Conversation, OfferedTool, SpokenCall, Utterance } from './character.ts';
import { fitted } from './fitted.ts';
import { parseJson } from './incoming.ts';

/**
 * What the decoder of a real service enforces, whoever speaks: calls as the choice of tools allows them, and arguments
 * of strict tools that fit their schema.
 */
export function obedient(said: Utterance, { choice, parallelCalls, tools, format }: Conversation): Utterance {
  if (said.stop !== 'end' && said.stop !== 'tools') return said;
  if (choice === 'none' || tools.length === 0) {
    const text =
      format === undefined ? said.text : JSON.stringify(fitted(parseJson(said.text)?.value, format, said.text));
    return { ...said, text, calls: [], stop: 'end' };
  }
  const offered = new Map(tools.map((tool) => [tool.name, tool]));
  const wanted = typeof choice === 'string' ? undefined : choice.name;
  const allowed = said.calls.filter(({ name }) => wanted === undefined || name === wanted);
  const forced = choice !== 'auto' && allowed.length === 0 ? forcedCalls(said, wanted, tools) : allowed;
  const calls = (parallelCalls ? forced : forced.slice(0, 1)).map((one) => strictly(one, offered.get(one.name)));
  return { ...said, calls, stop: calls.length > 0 ? 'tools' : 'end' };
}

function forcedCalls({ text }: Utterance, wanted: string | undefined, tools: readonly OfferedTool[]): SpokenCall[] {
  const tool = tools.find(({ name }) => name === wanted) ?? tools[0];
  return tool === undefined
    ? []
    : [{ name: tool.name, argumentsJson: JSON.stringify(fitted({}, tool.parameters, text)) }];
}

function strictly(spoken: SpokenCall, tool: OfferedTool | undefined): SpokenCall {
  if (tool === undefined || !tool.strict) return spoken;
  const args = parseJson(spoken.argumentsJson)?.value;
  return { name: spoken.name, argumentsJson: JSON.stringify(fitted(args, tool.parameters)) };
}
