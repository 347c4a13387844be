import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RoleDeclaration } from '@troupe/actor';
import { readRoleSettings, type RoleSettings } from './role-settings.ts';

/** The folder of the repository. */
export const ROOT = join(import.meta.dirname, '..');

/** A role that is there: its declaration, the file that starts its process, and what that reads from its environment. */
export interface InstalledRole {
  declaration: RoleDeclaration;
  main: string;
  settings: RoleSettings;
}

/** Every role with a folder under `services/`: adding a folder is adding a role. Sorted by name. */
export async function installedRoles(root: string = ROOT): Promise<InstalledRole[]> {
  const folders = readdirSync(join(root, 'services')).filter((name) =>
    existsSync(join(root, 'services', name, 'src', 'role.ts')),
  );
  return Promise.all(
    folders.toSorted().map(async (name) => {
      const module: unknown = await import(pathToFileURL(join(root, 'services', name, 'src', 'role.ts')).href);
      if (!declaresRole(module))
        throw new Error(`services/${name}/src/role.ts has to export "role", made with declareRole.`);
      if (module.role.name !== name)
        throw new Error(`services/${name} declares the role "${module.role.name}"; the names have to be the same.`);
      const folder = join(root, 'services', name);
      const settings = await readRoleSettings(folder);
      return { declaration: module.role, main: join(folder, 'src', 'main.ts'), settings };
    }),
  );
}

/** The compiler has checked the declaration where it was written; here it only has to be one. */
function declaresRole(module: unknown): module is { role: RoleDeclaration } {
  if (typeof module !== 'object' || module === null || !('role' in module)) return false;
  const { role } = module;
  return typeof role === 'object' && role !== null && 'name' in role && 'consumes' in role && 'emits' in role;
}
