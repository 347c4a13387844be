import { startJsonServer } from '../json-server.fixture.ts';
import type { RunningServer, WireReply, WireRequest } from '../json-server.fixture.ts';
import { faultIn } from './protocol.fixture.ts';

export const ANTHROPIC_KEY = 'sk-ant-test-0123456789abcdef';

/** What the model behind the server says, one per accepted request. `input` is any JSON value. */
export interface Message {
  text?: string;
  calls?: { id: string; name: string; input: unknown }[];
  thinking?: string;
  stop?: 'end_turn' | 'max_tokens' | 'tool_use' | 'refusal';
}
export type Step = { message: Message } | { error: number; message?: string } | { raw: string } | 'hang';

/**
 * A server that speaks the Messages protocol and plays `steps` in order. Requests that the real API would refuse
 * (wrong key, no version, wrong shape, tool results that answer no call) get its 4xx and use no step up.
 */
export async function startAnthropicServer(steps: readonly Step[]): Promise<RunningServer> {
  const left = [...steps];
  return startJsonServer((request) => {
    const refusal = refusalOf(request);
    if (refusal) return refusal;
    const step = left.shift();
    return step === undefined ? errorReply(400, 'the script has no further step') : replyOf(step);
  });
}

function refusalOf({ method, path, headers, body }: WireRequest): WireReply | undefined {
  const key = headers['x-api-key'] ?? headers.authorization?.slice('Bearer '.length);
  if (key !== ANTHROPIC_KEY) return errorReply(401, `invalid API key: ${String(key)}`);
  if (headers['anthropic-version'] === undefined) return errorReply(400, 'anthropic-version: header is required');
  if (method !== 'POST' || path !== '/v1/messages') return errorReply(404, `not found: ${path}`);
  const fault = faultIn(body);
  return fault === undefined ? undefined : errorReply(400, fault);
}

function replyOf(step: Step): WireReply {
  if (step === 'hang') return 'hang';
  if ('raw' in step) return { status: 200, body: step.raw };
  if ('error' in step) return errorReply(step.error, step.message ?? `status ${step.error}`);
  return { status: 200, body: wireMessage(step.message) };
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

/** An error as the API words it. The retry header keeps the SDK's back-off out of the tests' time. */
function errorReply(status: number, message: string): WireReply {
  const error = { type: ERROR_TYPES[status] ?? 'api_error', message };
  return { status, body: { type: 'error', error, request_id: 'req_1' }, headers: { 'retry-after-ms': '1' } };
}

function wireMessage({ text, calls, thinking, stop }: Message): object {
  const content = [
    ...(thinking === undefined ? [] : [{ type: 'thinking', thinking, signature: 'c2ln' }]),
    ...(text === undefined ? [] : [{ type: 'text', text, citations: null }]),
    ...(calls ?? []).map((call) => ({ type: 'tool_use', ...call })),
  ];
  const cache = { cache_creation_input_tokens: 10, cache_read_input_tokens: 20 };
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'test-model-20260101',
    content,
    stop_reason: stop ?? (calls ? 'tool_use' : 'end_turn'),
    stop_sequence: null,
    usage: { input_tokens: 71, output_tokens: 23, ...cache },
  };
}
