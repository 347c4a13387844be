import { flattened, prefixDigests, type Placed } from './flat.ts';
import type { MessagesModel } from './models.ts';
import { Refused } from './refusal.ts';
import type { CountRequest } from './request.ts';
import { callIdStart, type Seal, textDigest, unsealed } from './seal.ts';

const CHANGED =
  '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.';
const BOUND = 'thinking block is bound to a different conversation';

interface Thought {
  seal: Seal;
  index: number;
  place: string;
}

/**
 * Thinking comes back as it was: unchanged, whole, in its order and, for newer models, behind what it was thought about.
 * None of it at all is legal.
 */
export function checkThinking(request: CountRequest, { boundThinking }: MessagesModel): void {
  const blocks = flattened(request.messages);
  const thoughts = blocks.flatMap((placed, index) => thoughtOf(placed, index));
  if (thoughts.length === 0) return;
  const answers = Map.groupBy(thoughts, ({ seal }) => seal.answer);
  for (const answer of answers.values()) checkAnswer(blocks, answer);
  checkDropped(blocks, thoughts, request.model);
  if (!boundThinking) return;
  const digests = prefixDigests(request, blocks);
  for (const { seal, index, place } of thoughts) {
    const start = index - seal.at - seal.after;
    if (seal.model !== request.model || digests[start] !== seal.prefix) throw new Refused(`${place}: ${BOUND}`);
  }
}

function thoughtOf({ block, place }: Placed, index: number): Thought[] {
  if (block.type !== 'thinking' && block.type !== 'redacted_thinking') return [];
  const seal = unsealed(block.type === 'thinking' ? block.signature : block.data);
  if (seal === undefined) throw new Refused(`${place}: Invalid \`signature\` in \`${block.type}\` block`);
  const text = block.type === 'thinking' ? block.thinking : '';
  if (seal.text !== textDigest(text)) throw new Refused(`${place}: ${CHANGED}`);
  return [{ seal, index, place }];
}

/** The blocks of one answer: all of them, in order, and each where it stood among the others. */
function checkAnswer(blocks: readonly Placed[], answer: readonly Thought[]): void {
  const [first] = answer;
  if (first === undefined) return;
  const start = first.index - first.seal.at - first.seal.after;
  const isWhole = answer.length === first.seal.of && answer.every(({ seal }, at) => seal.at === at);
  const isInPlace = answer.every(({ seal, index }) => index - seal.at - seal.after === start);
  const own = blocks.slice(Math.max(0, start), (answer.at(-1)?.index ?? 0) + 1);
  if (!isWhole || !isInPlace || own.some(({ role }) => role !== 'assistant'))
    throw new Refused(`${first.place}: ${CHANGED}`);
}

/** A later answer that comes without what was thought before it, while that of an earlier one is there. */
function checkDropped(blocks: readonly Placed[], thoughts: readonly Thought[], model: string): void {
  const firstIndex = thoughts[0]?.index ?? 0;
  const starts = callIdStart(model, true);
  for (const [index, { block, place }] of blocks.entries()) {
    if (block.type !== 'tool_use' || index < firstIndex || !block.id.startsWith(starts)) continue;
    const turnStart = blocks.findLastIndex(({ role }, at) => at < index && role === 'user');
    if (!thoughts.some((thought) => thought.index > turnStart && thought.index < index))
      throw new Refused(`${place}: ${CHANGED}`);
  }
}
