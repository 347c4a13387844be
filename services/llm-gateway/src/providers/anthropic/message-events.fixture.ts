import { startJsonServer } from '../json-server.fixture.ts';
import type { RunningServer, WireReply } from '../json-server.fixture.ts';

export const ANTHROPIC_KEY = 'sk-ant-test-0123456789abcdef';

/** What the model behind the server says, once. */
export interface Said {
  content?: readonly Record<string, unknown>[];
  stop?: string | null;
  /** With a refusal. */
  category?: string;
  /** Over those of the message. */
  usage?: Record<string, unknown>;
  /** Instead of the JSON of a call's input. */
  inputJson?: string;
  /** Events that are sent; left out: all. */
  events?: number;
  /** Sent behind them. */
  raw?: string;
  /** How the answer ends: whole, with the connection lost, or not at all while the connection stays. */
  end?: 'whole' | 'lost' | 'open';
  headers?: Record<string, string>;
}
export type Step =
  | Said
  | { error: number; message?: string; type?: string; details?: object; headers?: Record<string, string> };

/** A server that streams `steps` in order, whatever it is asked. */
export async function startMessagesServer(steps: readonly Step[]): Promise<RunningServer> {
  const left = [...steps];
  return startJsonServer(() => {
    const step = left.shift();
    return step === undefined ? errorReply({ error: 400, message: 'the script has no further step' }) : replyOf(step);
  });
}

function replyOf(step: Step): WireReply {
  if ('error' in step) return errorReply(step);
  const { end = 'whole', events = Infinity, raw = '', headers } = step;
  const body = eventsOf(step).slice(0, events).join('') + raw;
  const promised = { 'content-length': String(Buffer.byteLength(body) + 1_000) };
  return {
    status: 200,
    body,
    headers: {
      'content-type': 'text/event-stream',
      ...(end !== 'whole' && promised),
      ...(end === 'lost' && { connection: 'close' }),
      ...headers,
    },
  };
}

function errorReply(step: Extract<Step, { error: number }>): WireReply {
  const { error: status, message = `status ${status}`, type = 'some_error', details, headers } = step;
  const body = { type: 'error', error: { type, message, ...(details && { details }) }, request_id: 'req_1' };
  return { status, body, headers: { 'request-id': 'req_1', ...headers } };
}

export const eventOf = (event: { type: string } & Record<string, unknown>): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

const USAGE = { input_tokens: 71, cache_creation_input_tokens: 10, cache_read_input_tokens: 20, output_tokens: 1 };

function eventsOf({ content = [], stop = 'end_turn', category, usage, inputJson }: Said): string[] {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-test-1-20260101', content: [] };
  return [
    { type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null, usage: USAGE } },
    { type: 'ping' },
    ...content.flatMap((block, index) => blockEvents(block, index, inputJson)),
    {
      type: 'message_delta',
      delta: {
        stop_reason: stop,
        stop_sequence: null,
        ...(category && { stop_details: { type: 'refusal', category } }),
      },
      usage: { output_tokens: 23, output_tokens_details: { thinking_tokens: 5 }, ...usage },
    },
    { type: 'message_stop' },
  ].map(eventOf);
}

function blockEvents(block: Record<string, unknown>, index: number, inputJson: string | undefined) {
  const { start, deltas } = inParts(block, inputJson);
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function inParts(block: Record<string, unknown>, inputJson: string | undefined) {
  const { type, text, thinking, signature } = block;
  if (type === 'text' && typeof text === 'string')
    return { start: { ...block, text: '' }, deltas: halves(text).map((half) => ({ type: 'text_delta', text: half })) };
  if (type === 'thinking' && typeof thinking === 'string')
    return {
      start: { ...block, thinking: '', signature: '' },
      deltas: [
        ...halves(thinking).map((half) => ({ type: 'thinking_delta', thinking: half })),
        { type: 'signature_delta', signature },
      ],
    };
  if (type === 'tool_use')
    return {
      start: { ...block, input: {} },
      deltas: halves(inputJson ?? JSON.stringify(block['input'])).map((half) => ({
        type: 'input_json_delta',
        partial_json: half,
      })),
    };
  return { start: block, deltas: [] };
}

function halves(text: string): string[] {
  const middle = Math.floor(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}
