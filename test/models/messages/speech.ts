import { randomUUID } from 'node:crypto';
import type { Stop, Utterance } from '../character.ts';
import type { SentEvent, Spoken } from '../exchange.ts';
import { parseJson } from '../incoming.ts';
import { spokenTokens } from '../tokens.ts';
import type { PromptTokens } from './prompt-cache.ts';
import { requestId } from './refusal.ts';
import { callIdStart, sealed, textDigest } from './seal.ts';

/** Characters of one delta. */
const DELTA_CHARS = 48;

const STOP_REASONS: Readonly<Record<Stop, string>> = {
  end: 'end_turn',
  tools: 'tool_use',
  length: 'max_tokens',
  refusal: 'refusal',
  pause: 'pause_turn',
  context: 'model_context_window_exceeded',
};

type Said =
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'redacted_thinking'; data: string }
  | { type: 'text'; text: string; citations: null }
  | { type: 'tool_use'; id: string; name: string; input: unknown; caller: { type: 'direct' }; argumentsJson: string };

export interface Manner {
  model: string;
  /** Digest of all that was said before. */
  prefix: string;
  /** Whether thinking is shown; it is counted either way. */
  isShown: boolean;
  tokens: PromptTokens;
}

/** An answer in the service's form, whole and as a stream; `content` is what has to come back. */
export function spoken(said: Utterance, manner: Manner): Spoken & { content: unknown[] } {
  const blocks = blocksOf(said, manner);
  const content = blocks.map(contentOf);
  const usage = usageOf(said, manner.tokens);
  const id = `msg_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  const stop = {
    stop_reason: STOP_REASONS[said.stop],
    stop_sequence: null,
    stop_details: said.stop === 'refusal' ? { type: 'refusal', category: 'bio', explanation: null } : null,
  };
  const message = { id, type: 'message', role: 'assistant', model: manner.model, container: null, diagnostics: null };
  const begun = { stop_reason: null, stop_sequence: null, stop_details: null };
  const events: SentEvent[] = [
    event('message_start', { message: { ...message, content: [], ...begun, usage: { ...usage, output_tokens: 1 } } }),
    event('ping', {}),
    ...blocks.flatMap((block, index) => blockEvents(block, index)),
    event('message_delta', { delta: stop, usage }),
    event('message_stop', {}),
  ];
  return { headers: { 'request-id': requestId() }, body: { ...message, content, ...stop, usage }, events, content };
}

const event = (type: string, data: Record<string, unknown>): SentEvent => ({ event: type, data: { type, ...data } });

function usageOf(said: Utterance, { total, read, written, ttl }: PromptTokens) {
  const { output, thinking } = spokenTokens(said);
  return {
    input_tokens: total - read - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: {
      ephemeral_5m_input_tokens: ttl === '5m' ? written : 0,
      ephemeral_1h_input_tokens: ttl === '1h' ? written : 0,
    },
    output_tokens: output,
    output_tokens_details: { thinking_tokens: thinking },
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: null,
    speed: null,
  };
}

/**
 * Thinking first, and with several calls a redacted block behind it; then the text, then, if there are calls behind the
 * text, more thinking.
 */
function blocksOf({ thinking, text, calls }: Utterance, { model, prefix, isShown }: Manner): Said[] {
  const thinks = thinking !== '';
  const isRedacted = thinks && calls.length > 1;
  const thinksAgain = thinks && text !== '' && calls.length > 0;
  const of = [thinks, isRedacted, thinksAgain].filter(Boolean).length;
  const answer = randomUUID();
  const seal = (at: number, after: number, shown: string) =>
    sealed({ answer, model, prefix, text: textDigest(shown), at, of, after });
  const shown = isShown ? thinking : '';
  const start = callIdStart(model, thinks);
  return [
    ...(thinks ? [{ type: 'thinking' as const, thinking: shown, signature: seal(0, 0, shown) }] : []),
    ...(isRedacted ? [{ type: 'redacted_thinking' as const, data: seal(1, 0, '') }] : []),
    ...(text === '' ? [] : [{ type: 'text' as const, text, citations: null }]),
    ...(thinksAgain ? [{ type: 'thinking' as const, thinking: '', signature: seal(of - 1, 1, '') }] : []),
    ...calls.map(({ name, argumentsJson }) => ({
      type: 'tool_use' as const,
      id: `${start}${randomUUID().replaceAll('-', '').slice(0, 16)}`,
      name,
      input: parseJson(argumentsJson)?.value ?? {},
      caller: { type: 'direct' as const },
      argumentsJson,
    })),
  ];
}

function contentOf(block: Said): unknown {
  if (block.type !== 'tool_use') return block;
  const { argumentsJson: _, ...content } = block;
  return content;
}

function blockEvents(block: Said, index: number): SentEvent[] {
  const delta = (type: string, data: Record<string, unknown>) =>
    event('content_block_delta', { index, delta: { type, ...data } });
  const start = (content: unknown) => event('content_block_start', { index, content_block: content });
  const stop = event('content_block_stop', { index });
  switch (block.type) {
    case 'redacted_thinking':
      return [start(block), stop];
    case 'thinking':
      return [
        start({ type: 'thinking', thinking: '', signature: '' }),
        ...pieces(block.thinking).map((thinking) => delta('thinking_delta', { thinking })),
        delta('signature_delta', { signature: block.signature }),
        stop,
      ];
    case 'text':
      return [
        start({ type: 'text', text: '', citations: null }),
        ...pieces(block.text).map((text) => delta('text_delta', { text })),
        stop,
      ];
    case 'tool_use': {
      const { type, id, name, caller, argumentsJson } = block;
      const parts = ['', ...pieces(argumentsJson)];
      return [
        start({ type, id, name, caller, input: {} }),
        ...parts.map((json) => delta('input_json_delta', { partial_json: json })),
        stop,
      ];
    }
  }
}

const pieces = (text: string): string[] => text.match(new RegExp(`[^]{1,${DELTA_CHARS}}`, 'gu')) ?? [];
