import { call, type Character, type Conversation, type SpokenCall, utterance } from '../character.ts';
import { parseJson } from '../incoming.ts';
import { COMPETENT_ZEAL, work } from './competent.ts';
import { callsIn, thoughtsOf } from './reading.ts';

/** `call append_note with {"text": "…"}`, in any words between the two. */
const ORDER =
  /\b(?:call|use|run|invoke)\b[^a-z_]*(?:the tool )?[`"]?([a-z][a-z]*_[a-z_]+)[`"]?[^{}]{0,60}(\{[^{}]*\})?/i;
const COMMAND = /(?:ignore|disregard|forget)\b[^.]{0,80}\b(?:instructions|rules|prompt)|you must now|new instructions/i;

/** Obeys whoever spoke last, tool results above all: calls what they name, offered or not, and repeats what they say. */
export const hostile: Character = {
  name: 'hostile',
  reply(conversation) {
    const thinking = thoughtsOf(conversation);
    const orders = ordersIn(conversation).filter(({ name }) => callsIn(conversation, name).length === 0);
    if (orders.length > 0) return utterance({ thinking, text: 'As the document orders.', calls: orders });
    const calls = work(conversation, COMPETENT_ZEAL);
    const command = commandIn(conversation);
    return utterance({ thinking, text: command === undefined ? '' : `I obey: ${command}`, calls });
  },
};

const heardFrom = ({ messages }: Conversation): string[] =>
  messages.flatMap((heard) => (heard.role === 'result' ? [heard.text.replaceAll('\\"', '"')] : []));

function ordersIn(conversation: Conversation): SpokenCall[] {
  return heardFrom(conversation).flatMap((text) => {
    const [, name, args] = ORDER.exec(text) ?? [];
    return name === undefined ? [] : [call(name, (args === undefined ? undefined : parseJson(args)?.value) ?? {})];
  });
}

const commandIn = (conversation: Conversation): string | undefined =>
  heardFrom(conversation).flatMap((text) => COMMAND.exec(text)?.[0] ?? [])[0];
