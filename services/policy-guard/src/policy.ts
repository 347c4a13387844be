import { parse } from 'yaml';
import { z } from 'zod';

const Id = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);

const Rule = z.strictObject({
  id: Id,
  tools: z.array(z.string()).min(1),
  /** Roles that may ask; worker names. */
  roles: z.array(z.string()).min(1),
  effect: z.enum(['allow', 'deny']),
  /** Calls of these tools in one run, over all tasks. */
  calls_per_run_max: z.int().min(1).max(10_000).default(200),
});

/** A host, or `*.example.org` for all below one. */
const Host = z
  .string()
  .regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be a host in lower case, "*." in front or not');
const Hosts = z.array(Host).max(200).default([]);

const Mask = z.strictObject({ id: Id, pattern: z.string().min(1).max(500) });

/** The rules file. Anything that no rule allows is denied; the first rule that names tool and role decides. */
export const Policy = z.strictObject({
  version: z.string().min(1).max(128),
  grant_ttl_ms: z.int().min(1_000).max(3_600_000).default(600_000),
  rules: z.array(Rule).max(500),
  output: z
    .strictObject({
      mask: z.array(Mask).max(100).default([]),
      /** Hosts that a report may link to, beside those that the goal names and the addresses that are cited. */
      link_hosts: Hosts,
      /** Hosts that a report may show images of. */
      image_hosts: Hosts,
    })
    .default({ mask: [], link_hosts: [], image_hosts: [] }),
});
export type Policy = z.infer<typeof Policy>;
export type Rule = z.infer<typeof Rule>;

/** Reads a rules file. Throws a sentence that names each mistake: a guard without valid rules must not start. */
export function parsePolicy(yaml: string, file: string): Policy {
  let value: unknown;
  try {
    value = parse(yaml, { maxAliasCount: 0 });
  } catch (error) {
    throw new Error(`${file} is not valid YAML: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const parsed = Policy.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new Error(`${file} is not a valid policy. ${wrong.join('; ')}`);
}
