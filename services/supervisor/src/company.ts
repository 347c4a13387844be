import { Token } from '@troupe/contract';
import { z } from 'zod';
import type { SupervisorConfig, Trust } from './config.ts';

/** What the supervisor reads of the roles' declarations. */
export const RoleList = z.array(
  z.object({
    name: Token,
    kind: z.enum(['worker', 'reviewer', 'agent', 'gateway']),
    description: z.string(),
    emits: z.record(z.string(), z.unknown()),
  }),
);

/** Who may be given planned tasks, and who reviews. */
export function configFrom(roles: z.infer<typeof RoleList>, tools: readonly string[], trust: Trust): SupervisorConfig {
  const workers = roles.filter(({ kind }) => kind === 'worker').map(({ name, description }) => ({ name, description }));
  const reviewer = roles.find(({ kind }) => kind === 'reviewer')?.name;
  const toolUsers = roles.filter(({ emits }) => 'tool.requested' in emits).map(({ name }) => name);
  return { ...trust, workers, reviewer, reviewed: 'writer', tools, toolUsers };
}
