import type { SentEvent } from '../exchange.ts';
import type { OutputItem, ResponseBody } from './answer.ts';

/** Characters of text or arguments in one event. */
const DELTA_CHARS = 24;

type Event = { type: string } & Record<string, unknown>;

/** A response as the stream that brings it. */
export function eventsOf(response: ResponseBody): SentEvent[] {
  const begun: ResponseBody = { ...response, status: 'in_progress', incomplete_details: null, output: [], usage: null };
  const events: Event[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...response.output.flatMap((item, at) => itemEvents(item, at)),
    { type: `response.${response.status}`, response },
  ];
  return events.map((event, at) => numbered(event, at));
}

function numbered(event: Event, sequenceNumber: number): SentEvent {
  return { event: event.type, data: { ...event, sequence_number: sequenceNumber } };
}

/** How a stream tells of a failure after HTTP 200: by an event of its own, or as a response that failed. */
export function errorEventOf(form: 'error' | 'response.failed', response: ResponseBody): SentEvent {
  const error = {
    code: 'server_error',
    message: 'The server had an error while processing your request. Sorry about that!',
  };
  if (form === 'error') return numbered({ type: 'error', ...error, param: null }, 1);
  return numbered({ type: form, response: { ...response, status: 'failed', error } }, 1);
}

function itemEvents(item: OutputItem, at: number): Event[] {
  const added = (begun: object): Event => ({ type: 'response.output_item.added', output_index: at, item: begun });
  const done: Event = { type: 'response.output_item.done', output_index: at, item };
  switch (item.type) {
    case 'reasoning':
      return [added(item), done];
    case 'message':
      return [
        added({ ...item, status: 'in_progress', content: [] }),
        ...item.content.flatMap((part, index) =>
          partEvents(part, { item_id: item.id, output_index: at, content_index: index }),
        ),
        done,
      ];
    case 'function_call':
      return [
        added({ ...item, status: 'in_progress', arguments: '' }),
        ...callEvents(item.arguments, { item_id: item.id, output_index: at }, item.status === 'completed'),
        done,
      ];
  }
}

type Part = Extract<OutputItem, { type: 'message' }>['content'][number];

function partEvents(part: Part, place: Record<string, unknown>): Event[] {
  const event = (type: string, more: object): Event => ({ type, ...place, ...more });
  if (part.type === 'refusal') {
    return [
      event('response.content_part.added', { part: { ...part, refusal: '' } }),
      ...pieces(part.refusal).map((delta) => event('response.refusal.delta', { delta })),
      event('response.refusal.done', { refusal: part.refusal }),
      event('response.content_part.done', { part }),
    ];
  }
  return [
    event('response.content_part.added', { part: { ...part, text: '' } }),
    ...pieces(part.text).map((delta) => event('response.output_text.delta', { delta, logprobs: [] })),
    event('response.output_text.done', { text: part.text, logprobs: [] }),
    event('response.content_part.done', { part }),
  ];
}

function callEvents(json: string, place: Record<string, unknown>, complete: boolean): Event[] {
  const deltas = pieces(json).map((delta) => ({ type: 'response.function_call_arguments.delta', ...place, delta }));
  return complete ? [...deltas, { type: 'response.function_call_arguments.done', ...place, arguments: json }] : deltas;
}

/** A text in pieces, which may end inside of a character as those of the services do. */
export function pieces(text: string): string[] {
  const count = Math.ceil(text.length / DELTA_CHARS);
  return Array.from({ length: count }, (_, at) => text.slice(at * DELTA_CHARS, (at + 1) * DELTA_CHARS));
}
