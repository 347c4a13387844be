import type { Budget, Content, Integrity, MessageType } from './message.ts';
import type { ModelRecord } from './model.ts';
import type { Token } from './identifiers.ts';

/** What a decider writes; the runtime adds id, run, cause, time and tenant. */
export type Outgoing<Type extends MessageType = MessageType> = Content<Type> & {
  to: Token;
  task: Token;
  budget: Budget;
  integrity: Integrity;
  /** The answer that led to it, as the log has it. Deciders read it in `evolve`; only the runtime writes it. */
  model?: ModelRecord | undefined;
};

const RANK = { outside: 0, agent: 1, user: 2 } as const;

/** The integrity of content made from several sources: the lowest of them. An empty list is an agent's own. */
export function joinIntegrity(...parts: Integrity[]): Integrity {
  return parts.reduce<Integrity>((lowest, part) => (RANK[part] < RANK[lowest] ? part : lowest), 'agent');
}
