import { TransientError } from '@troupe/actor';

/** Nobody has answered, or not whoever could have: a server or a leader is away, and comes back by itself. */
export class AwayError extends TransientError {}
