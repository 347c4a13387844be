import type { Token } from '@troupe/contract';

/** What the supervisor knows of the company it leads. Made at start from the roles' declarations. */
export interface SupervisorConfig {
  /** Roles that a plan may use. */
  workers: readonly { name: Token; description: string }[];
  /** The role that reviews drafts; without one, drafts are final. */
  reviewer: Token | undefined;
  /** Whose drafts are reviewed. */
  reviewed: Token;
  /** Tools that tasks may ask for; the guard decides on each call. */
  tools: readonly string[];
  /** Roles that ask for tools at all: only their tasks get any. */
  toolUsers: readonly Token[];
}
