import { Token } from '@troupe/contract';
import { z } from 'zod';
import type { SupervisorConfig } from './config.ts';

/** What the supervisor reads of the roles' declarations. */
export const RoleList = z.array(
  z.object({ name: Token, kind: z.enum(['worker', 'reviewer', 'agent', 'gateway']), description: z.string() }),
);

/** Who may be given planned tasks, and who reviews. */
export function configFrom(roles: z.infer<typeof RoleList>, tools: readonly string[]): SupervisorConfig {
  const workers = roles.filter(({ kind }) => kind === 'worker').map(({ name, description }) => ({ name, description }));
  return { workers, reviewer: roles.find(({ kind }) => kind === 'reviewer')?.name, reviewed: 'writer', tools };
}
