import { LOG, USER } from '@troupe/contract';
import type { Rule } from '../rule.ts';
import { ofType } from '../run-log.ts';

export const result: Rule = {
  name: 'result',
  promise: 'A run has one result, from the supervisor to the user; after it the supervisor only marks what comes late.',
  violations(log) {
    const ends = ofType(log, 'run.ended');
    const [end] = ends;
    const faults: string[] = [];
    if (ends.length > 1)
      faults.push(`there are ${ends.length} results: ${ends.map(({ message }) => message.id).join(', ')}`);
    if (end === undefined) {
      const isOver = log.messages.length > 0 && log.messages.every(({ message }) => log.isDue(message));
      return isOver ? ['there is no result'] : [];
    }
    for (const { message, address, seq } of log.messages) {
      const isEnd = message.type === 'run.ended';
      if (isEnd !== (address.to === USER)) faults.push(`${message.id} (${message.type}) went to ${address.to}`);
      if (isEnd && address.from !== 'supervisor') faults.push(`the result ${message.id} is from ${address.from}`);
      const isLate = address.from === 'supervisor' && seq > end.seq && !isEnd;
      if (isLate && !(message.type === 'noted' && address.to === LOG))
        faults.push(`the supervisor sent ${message.id} (${message.type}) after the result`);
    }
    return faults;
  },
};
