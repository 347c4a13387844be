import { startJsonServer } from '../json-server.fixture.ts';
import type { RunningServer, WireReply, WireRequest } from '../json-server.fixture.ts';
import { faultIn } from './protocol.fixture.ts';

export const OPENAI_KEY = 'sk-test-openai-0123456789abcdef';

/** What the model behind the server says, one per accepted request. `arguments` is the text on the wire, JSON or not. */
export interface Completion {
  text?: string;
  refusal?: string;
  calls?: { id: string; name: string; arguments: string }[];
  finish?: 'stop' | 'length' | 'tool_calls' | 'content_filter';
}
export type Step = { completion: Completion } | { error: number; message?: string } | { raw: string } | 'hang';

export interface OpenAiServer extends RunningServer {
  /** With the `/v1` that the SDK expects. */
  baseUrl: string;
}

/**
 * A server that speaks the chat completions protocol and plays `steps` in order. Requests that the real API would
 * refuse (wrong key, wrong shape, tool messages that answer no call) get its 4xx and use no step up.
 */
export async function startOpenAiServer(steps: readonly Step[]): Promise<OpenAiServer> {
  const left = [...steps];
  const server = await startJsonServer((request) => {
    const refusal = refusalOf(request);
    if (refusal) return refusal;
    const step = left.shift();
    return step === undefined ? errorReply(400, 'the script has no further step') : replyOf(step);
  });
  return { ...server, baseUrl: `${server.origin}/v1` };
}

function refusalOf({ method, path, headers, body }: WireRequest): WireReply | undefined {
  if (headers.authorization !== `Bearer ${OPENAI_KEY}`) {
    return errorReply(401, `Incorrect API key provided: ${headers.authorization?.slice('Bearer '.length) ?? ''}.`);
  }
  if (method !== 'POST' || path !== '/v1/chat/completions') return errorReply(404, `Unknown request URL: ${path}`);
  const fault = faultIn(body);
  return fault === undefined ? undefined : errorReply(400, fault);
}

function replyOf(step: Step): WireReply {
  if (step === 'hang') return 'hang';
  if ('raw' in step) return { status: 200, body: step.raw };
  if ('error' in step) return errorReply(step.error, step.message ?? `status ${step.error}`);
  return { status: 200, body: wireCompletion(step.completion) };
}

/** An error as the API words it. The retry header keeps the SDK's back-off out of the tests' time. */
function errorReply(status: number, message: string): WireReply {
  const error = { message, type: 'invalid_request_error', param: null, code: null };
  return { status, body: { error }, headers: { 'retry-after-ms': '1' } };
}

function wireCompletion({ text, refusal, calls, finish }: Completion): object {
  const toolCalls = calls?.map(({ id, name, arguments: json }) => ({
    id,
    type: 'function',
    function: { name, arguments: json },
  }));
  const message = { role: 'assistant', content: text ?? null, refusal: refusal ?? null, tool_calls: toolCalls };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'test-model-2026-01-01',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish ?? (calls ? 'tool_calls' : 'stop') }],
    usage: { prompt_tokens: 101, completion_tokens: 23, total_tokens: 124 },
  };
}
