import type { EchoPart, ToolCall } from '@troupe/contract';
import { z } from 'zod';
import { isObject } from '../openai/calls.ts';
import { listOf } from '../openai/list.ts';

/** An item of an answer's output as it came: never copied, because it has to come back unchanged. */
export const Item = z.custom<Record<string, unknown>>((value) => isObject(value) && typeof value['type'] === 'string');
export type Item = z.infer<typeof Item>;

/** What is read of the items that Troupe understands. */
export const MessageItem = z.object({ type: z.literal('message'), content: listOf(z.unknown()) });
export const CallItem = z.object({
  type: z.literal('function_call'),
  call_id: z.string().nullish(),
  name: z.string(),
  arguments: z.string(),
});
const OutputText = z.object({ type: z.literal('output_text'), text: z.string() });
const Refusal = z.object({ type: z.literal('refusal'), refusal: z.string() });

/** The text of a message, all its parts together; its annotations are not read. */
export function textOf({ content }: z.infer<typeof MessageItem>): string {
  return content.map((part) => OutputText.safeParse(part).data?.text ?? '').join('');
}

export function refusalIn({ content }: z.infer<typeof MessageItem>): string | undefined {
  return content.map((part) => Refusal.safeParse(part).data?.refusal).find((refusal) => refusal !== undefined);
}

/** A message as its answer points at it: each text is replaced by its length, everything else stays. */
export function textPart(item: Item, message: z.infer<typeof MessageItem>): EchoPart {
  const content = message.content.map((part) => {
    const text = OutputText.safeParse(part).data?.text;
    return text === undefined || !isObject(part) ? part : { ...part, text: text.length };
  });
  return { kind: 'text', chars: textOf(message).length, extra: { ...item, content } };
}

/** A call as its answer points at it. The arguments as written are kept only where they cannot be written again. */
export function callPart(item: Item, index: number, call: ToolCall): EchoPart {
  const written = item['arguments'];
  const isPlain = written === JSON.stringify(call.arguments);
  const extra = { ...item, call_id: null, name: null, arguments: isPlain ? null : written };
  return { kind: 'call', call: index, extra };
}

const TextExtra = z.custom<Record<string, unknown> & { content: unknown[] }>(
  (extra) =>
    isObject(extra) &&
    extra['type'] === 'message' &&
    extra['role'] === 'assistant' &&
    Array.isArray(extra['content']) &&
    extra['content'].every((part) => isObject(part) && (part['type'] === 'output_text' || part['type'] === 'refusal')),
);
const CallExtra = z.custom<Record<string, unknown> & { arguments: string | null }>(
  (extra) =>
    isObject(extra) &&
    extra['type'] === 'function_call' &&
    (extra['arguments'] === null || typeof extra['arguments'] === 'string'),
);

/**
 * A turn's output items as they came, or undefined if its parts are not those of such an answer: whoever asks says what
 * they were, and a request may name files and addresses that are not theirs.
 */
export function itemsOf(parts: readonly EchoPart[], text: string, calls: readonly ToolCall[]): Item[] | undefined {
  const items: Item[] = [];
  const seen = new Set<number>();
  let from = 0;
  for (const part of parts) {
    const item = itemOf(part, text.slice(from), calls);
    if (!item) return undefined;
    items.push(item);
    if (part.kind === 'text') from += part.chars;
    if (part.kind === 'call') seen.add(part.call);
  }
  return from === text.length && seen.size === calls.length ? items : undefined;
}

function itemOf(part: EchoPart, rest: string, calls: readonly ToolCall[]): Item | undefined {
  switch (part.kind) {
    case 'opaque':
      return part.block['type'] === 'reasoning' ? part.block : undefined;
    case 'text': {
      const extra = TextExtra.safeParse(part.extra).data;
      return extra && { ...extra, content: withTexts(extra.content, rest) };
    }
    case 'call': {
      const extra = CallExtra.safeParse(part.extra).data;
      const call = calls[part.call];
      if (!extra || !call) return undefined;
      const written = extra.arguments ?? JSON.stringify(call.arguments);
      return { ...extra, call_id: call.id, name: call.name, arguments: written };
    }
  }
}

function withTexts(content: readonly unknown[], rest: string): unknown[] {
  let from = 0;
  return content.map((part) => {
    if (!isObject(part) || part['type'] !== 'output_text' || typeof part['text'] !== 'number') return part;
    const text = rest.slice(from, from + part['text']);
    from += part['text'];
    return { ...part, text };
  });
}
