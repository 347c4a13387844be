import type { RunRef, SealedEvidence, Token, Warrant } from '@troupe/contract';

/** Whom the supervisor believes, and how it makes itself believed. Pure. */
export interface Trust {
  /** Whether a tool returned this passage in this run. */
  isSealed(ref: RunRef, evidence: SealedEvidence): boolean;
  /** Signs what the task of an assignee may do, for the guard. */
  warrant(holder: RunRef & { task: Token; assignee: Token }, terms: Omit<Warrant, 'signature'>): Warrant;
}

/** What the supervisor knows of the company it leads. Made at start from the roles' declarations. */
export interface SupervisorConfig extends Trust {
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
