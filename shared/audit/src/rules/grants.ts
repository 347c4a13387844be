import { encode, type MessageOf } from '@troupe/contract';
import type { Rule } from '../rule.ts';
import { ofType, type Placed, type RunLog } from '../run-log.ts';

export const grants: Rule = {
  name: 'grants',
  promise: 'A tool was only run for a request that was granted as it was made, and each grant was used once.',
  violations: (log) => [...unasked(log), ...ungranted(log), ...usedAgain(log)],
};

/** Verdicts that are not about the request that they answer. */
function unasked(log: RunLog): string[] {
  const requests = new Map(ofType(log, 'tool.requested').map((placed) => [placed.message.id, placed]));
  const granted = ofType(log, 'tool.granted').flatMap(({ message }) => {
    const request = requests.get(message.cause);
    return request !== undefined && isFor(message, request)
      ? []
      : [`${message.id} grants what ${message.cause} does not ask for`];
  });
  const denied = ofType(log, 'tool.denied').flatMap(({ message, address }) => {
    const request = requests.get(message.cause);
    const fits = request?.message.body.call === message.body.call && request.address.from === address.to;
    return fits ? [] : [`${message.id} denies what ${message.cause} does not ask for`];
  });
  return [...granted, ...denied];
}

function isFor({ run, task, body }: MessageOf<'tool.granted'>, request: Placed<MessageOf<'tool.requested'>>): boolean {
  const { grant } = body;
  const asked = request.message.body;
  return (
    grant.run === run &&
    grant.task === task &&
    request.address.task === task &&
    grant.call === asked.call &&
    grant.tool === asked.tool &&
    grant.requester === request.address.from &&
    sameArguments(body.arguments, asked.arguments)
  );
}

/** The guard hands arguments on as they came, so their bytes are the same. */
const sameArguments = (a: object, b: object): boolean => Buffer.from(encode(a)).equals(encode(b));

/** Results and started effects without a grant for them. */
function ungranted(log: RunLog): string[] {
  const byId = new Map(ofType(log, 'tool.granted').map(({ message }) => [message.id, message.body.grant]));
  const done = [...ofType(log, 'tool.returned'), ...ofType(log, 'effect.started')];
  return done.flatMap(({ message, address }) => {
    const grant = byId.get(message.cause);
    const { call, tool } = message.body;
    if (grant === undefined || grant.call !== call || grant.tool !== tool || grant.task !== message.task)
      return [`${message.id}: ${tool} has no grant for ${call}`];
    const isElsewhere = message.type === 'tool.returned' && address.to !== grant.requester;
    return isElsewhere ? [`${message.id}: the result for ${grant.requester} went to ${address.to}`] : [];
  });
}

/** Calls of one requester that were granted or answered more than once. */
function usedAgain(log: RunLog): string[] {
  const granted = ofType(log, 'tool.granted').map(
    ({ message: { body } }) => `${body.grant.call} of ${body.grant.requester}/${body.grant.task}`,
  );
  const returned = ofType(log, 'tool.returned').map(
    ({ message, address }) => `${message.body.call} of ${address.to}/${message.task}`,
  );
  return [...repeated(granted, 'was granted'), ...repeated(returned, 'was run')];
}

function repeated(calls: readonly string[], what: string): string[] {
  return [...Map.groupBy(calls, (call) => call)].flatMap(([call, same]) =>
    same.length > 1 ? [`the call ${call} ${what} ${same.length} times`] : [],
  );
}
