import type { Heard } from '../character.ts';
import { parseJson } from '../incoming.ts';
import { invalid, type Refusal } from '../responses/refusal.ts';
import type { Dialect } from './dialect.ts';
import type { Message } from './request.ts';
import { isSigned } from './signature.ts';

type Assistant = Extract<Message, { role: 'assistant' }>;
type Result = Extract<Message, { role: 'tool' }>;
type Calls = NonNullable<Assistant['tool_calls']>;

/** What a server does with what is sent beside a call. */
type Extras = 'signed' | Dialect['unknown'];

/** What messages say, or why they are no conversation. */
export type Listened = { system: string; messages: Heard[] } | Refusal;

/**
 * Rules, cited where they bind:
 * M1 the calls of a message are answered by the messages right after it, each once; M2 a result answers a call of them;
 * M3 the assistant says or calls something, and does not have the last word; M4 call IDs are as the server makes them;
 * M5 the first call of each step since the user last spoke carries its signature, and every signature is unchanged.
 */
export function listen(messages: readonly Message[], { quirks, unknown }: Dialect): Listened {
  const extras = quirks.has('thought_signature') ? 'signed' : unknown;
  const system: string[] = [];
  const heard: Heard[] = [];
  const pending = new Map<string, 'open' | 'answered'>();
  const lastUser = messages.findLastIndex(({ role }) => role === 'user');
  for (const [at, message] of messages.entries()) {
    const open = message.role === 'tool' ? undefined : unanswered(pending);
    if (open !== undefined) return open;
    switch (message.role) {
      case 'tool': {
        const fault =
          resultFault(message, at, pending) ??
          (quirks.has('short_ids') ? shortIdFault(message.tool_call_id) : undefined);
        if (fault !== undefined) return fault;
        pending.set(message.tool_call_id, 'answered');
        const text = textOf(message.content);
        heard.push({ role: 'result', callId: message.tool_call_id, text, failed: text.startsWith('Failed: ') });
        break;
      }
      case 'assistant': {
        const fault = assistantFault(message, at, { quirks, extras, isCurrent: at > lastUser });
        if (fault !== undefined) return fault;
        pending.clear();
        for (const { id } of message.tool_calls ?? []) pending.set(id, 'open');
        heard.push({
          role: 'assistant',
          text: textOf(message.content),
          calls: (message.tool_calls ?? []).map(heardCall),
        });
        break;
      }
      default:
        pending.clear();
        if (message.role === 'user') heard.push({ role: 'user', text: textOf(message.content) });
        else system.push(textOf(message.content));
    }
  }
  const last =
    messages.at(-1)?.role === 'assistant'
      ? invalid('The last message must not be from the assistant.', 'messages')
      : undefined;
  return unanswered(pending) ?? last ?? { system: system.join('\n'), messages: heard };
}

/** M1 */
function unanswered(pending: ReadonlyMap<string, 'open' | 'answered'>): Refusal | undefined {
  const open = [...pending].filter(([, state]) => state === 'open').map(([id]) => id);
  if (open.length === 0) return undefined;
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${open.join(', ')}`;
  return invalid(message, 'messages');
}

/** M1, M2 */
function resultFault(
  { tool_call_id: id }: Result,
  at: number,
  pending: ReadonlyMap<string, 'open' | 'answered'>,
): Refusal | undefined {
  if (pending.size === 0) {
    const message =
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
    return invalid(message, `messages.[${at}].role`);
  }
  const state = pending.get(id);
  if (state === 'open') return undefined;
  const message =
    state === 'answered'
      ? `Duplicate value for 'tool_call_id' of '${id}' in messages.`
      : `Invalid parameter: 'tool_call_id' of '${id}' not found in 'tool_calls' of previous message.`;
  return invalid(message, `messages.[${at}].tool_call_id`);
}

function assistantFault(
  { content, refusal, tool_calls: calls = [] }: Assistant,
  at: number,
  { quirks, extras, isCurrent }: { quirks: Dialect['quirks']; extras: Extras; isCurrent: boolean },
): Refusal | undefined {
  // M3
  if (calls.length === 0 && typeof (content ?? refusal) !== 'string' && !Array.isArray(content)) {
    return invalid("Invalid value for 'content': expected a string, got null.", `messages.[${at}].content`);
  }
  // M4
  const repeated = calls.find(({ id }, index) => calls.findIndex((one) => one.id === id) !== index);
  if (repeated !== undefined) {
    return invalid(
      `Duplicate value for 'id' of '${repeated.id}' in messages[${at}].tool_calls.`,
      `messages.[${at}].tool_calls`,
    );
  }
  const odd = quirks.has('short_ids')
    ? calls.map(({ id }) => shortIdFault(id)).find((fault) => fault !== undefined)
    : undefined;
  return (
    odd ?? (extras === 'ignored' ? undefined : signatureFault(calls, at, extras === 'signed' ? isCurrent : undefined))
  );
}

/** M4 */
function shortIdFault(id: string): Refusal | undefined {
  if (/^[a-zA-Z0-9]{9}$/u.test(id)) return undefined;
  return invalid(`Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9.`, null, '3280');
}

/** M5; `required` is undefined where nothing is signed, and nothing else may be sent with a call. */
function signatureFault(calls: Calls, at: number, required: boolean | undefined): Refusal | undefined {
  for (const [index, { function: called, extra_content: extra }] of calls.entries()) {
    const param = `messages[${at}].tool_calls[${index}].extra_content`;
    if (required === undefined) {
      if (extra !== undefined) return invalid(`Unknown parameter: '${param}'.`, param, 'unknown_parameter');
      continue;
    }
    const signature = extra?.google.thought_signature;
    if (signature === undefined && required && index === 0) {
      const message = `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly. Additional data, function call \`default_api:${called.name}\` , position ${at + 1}.`;
      return invalid(message, null);
    }
    if (signature !== undefined && !isSigned(called.name, called.arguments, signature)) {
      return invalid('Corrupted thought signature.', null);
    }
  }
  return undefined;
}

function heardCall({ id, function: called }: Calls[number]): { id: string; name: string; arguments: unknown } {
  const parsed = parseJson(called.arguments);
  return { id, name: called.name, arguments: parsed === undefined ? called.arguments : parsed.value };
}

function textOf(content: Assistant['content']): string {
  if (content === undefined || content === null) return '';
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}
