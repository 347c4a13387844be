import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ProcessSettings } from '@troupe/nats';
import { z } from 'zod';

/** One variable of a role's settings; `path` says that its value is a file or folder that the role reads or writes. */
interface SettingVariable {
  name: string;
  path: 'read' | 'write' | undefined;
}

/** What a role's process may know of its environment. */
export interface RoleSettings {
  variables: readonly SettingVariable[];
  /** Variables that no setting names and that its libraries read; `*` at the end of a name stands for any end. */
  alsoReads: readonly string[];
}

const Module = z.looseObject({ alsoReads: z.array(z.string()).default([]) });
const Meta = z.object({ path: z.enum(['read', 'write']).optional() });

/** Settings that every role's process has. */
const SHARED = variablesOf(ProcessSettings);

/**
 * What a role's `src/settings.ts` declares, if there is one: the zod object that it exports names the variables, whose
 * `meta({ path })` says which are files, and `alsoReads` names those of its libraries. A role without one has the
 * settings that every process has.
 */
export async function readRoleSettings(folder: string): Promise<RoleSettings> {
  const file = join(folder, 'src', 'settings.ts');
  if (!existsSync(file)) return { variables: SHARED, alsoReads: [] };
  const { alsoReads, ...exported } = Module.parse(await import(pathToFileURL(file).href));
  const schema = Object.values(exported).find((value) => value instanceof z.ZodObject);
  if (schema === undefined) throw new Error(`${file} has to export its settings, a zod object.`);
  return { variables: [...SHARED, ...variablesOf(schema)], alsoReads };
}

function variablesOf(schema: z.ZodObject): SettingVariable[] {
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    path: field instanceof z.ZodType ? Meta.parse(field.meta() ?? {}).path : undefined,
  }));
}
