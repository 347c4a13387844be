import type { Conversation, Utterance } from './character.ts';
import type { WordFault } from './faults.ts';

const CALLS_TOO_MANY = 9;

/** What a fault makes of an answer. */
export function spoilt(said: Utterance, fault: WordFault, { tools }: Conversation): Utterance {
  const [first] = said.calls;
  switch (fault) {
    case 'wrong_arguments':
      return { ...said, calls: said.calls.map(({ name }) => ({ name, argumentsJson: '{"unexpected":[1]}' })) };
    case 'broken_arguments':
      return {
        ...said,
        calls: said.calls.map((one) => ({ ...one, argumentsJson: `${one.argumentsJson.slice(0, 5)}` })),
      };
    case 'nine_calls': {
      const one = first ?? { name: tools[0]?.name ?? 'find', argumentsJson: '{}' };
      return { ...said, calls: Array.from({ length: CALLS_TOO_MANY }, () => one), stop: 'tools' };
    }
    case 'no_call':
      return { ...said, text: said.text || 'I have thought about it.', calls: [], stop: 'end' };
    case 'empty':
      return { ...said, text: '', calls: [], stop: 'end' };
    case 'refusal':
      return { ...said, text: '', calls: [], stop: 'refusal' };
    case 'length':
      return { ...said, text: said.text.slice(0, 40), calls: cutCall(said), stop: 'length' };
    case 'context':
      return { ...said, text: said.text.slice(0, 40), calls: cutCall(said), stop: 'context' };
    case 'pause':
      return { ...said, text: said.text || 'Let me go on with this.', calls: [], stop: 'pause' };
  }
}

/** The first call, in whose arguments the answer ends. */
function cutCall({ calls: [first] }: Utterance): Utterance['calls'] {
  if (first === undefined) return [];
  return [{ name: first.name, argumentsJson: first.argumentsJson.slice(0, Math.ceil(first.argumentsJson.length / 2)) }];
}
