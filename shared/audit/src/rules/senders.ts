import { INTAKE, LOG, USER } from '@troupe/contract';
import { isParty } from '../role-facts.ts';
import type { Rule } from '../rule.ts';
import type { Placed, RunLog } from '../run-log.ts';

export const senders: Rule = {
  name: 'senders',
  promise: 'Each role sends only what it declares, to whom it declares, and they declare that they take it.',
  // Without declarations there is nothing to hold the log against.
  violations: (log) =>
    log.roles.size === 0
      ? []
      : log.messages.flatMap((placed) => {
          const fault = faultOf(log, placed);
          return fault === undefined ? [] : [`${placed.message.id} (${placed.message.type}): ${fault}`];
        }),
};

function faultOf({ roles }: RunLog, { address: { from, to }, message: { type } }: Placed): string | undefined {
  // The intake is no role: what it may send is what somebody takes from it.
  const sender = from === INTAKE ? undefined : roles.get(from);
  if (sender === undefined && from !== INTAKE) return `there is no role ${from}`;
  if (sender !== undefined && !isParty(sender.emits, type, to, roles))
    return `${from} does not declare that it sends this to ${to}`;
  if (to === USER || to === LOG) return undefined;
  const recipient = roles.get(to);
  if (recipient === undefined) return `there is no role ${to}`;
  return isParty(recipient.consumes, type, from, roles)
    ? undefined
    : `${to} does not declare that it takes this from ${from}`;
}
