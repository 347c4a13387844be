import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '@troupe/scripts/roles';

export interface Edit {
  file: string;
  from: string;
  to: string;
}

const OWN = '@troupe';

/**
 * Another build: the sources of all packages in a folder, with edits; libraries are shared with this tree. Throws if an
 * edit finds nothing to change.
 */
export function copyTree(folder: string, edits: readonly Edit[]): void {
  for (const part of ['shared', 'services']) {
    const filter = (path: string) => !['node_modules', 'dist'].includes(basename(path)) && !path.endsWith('.spec.ts');
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter });
  }
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  linkModules(folder);
  for (const { file, from, to } of edits) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no "${from}": the scenario has to be changed with it.`);
    writeFileSync(path, text.replace(from, to));
  }
}

/** Own packages lead to the copy, all others to where they are installed. */
function linkModules(folder: string): void {
  const modules = join(ROOT, 'node_modules');
  mkdirSync(join(folder, 'node_modules', OWN), { recursive: true });
  for (const name of readdirSync(modules))
    if (name !== OWN && !name.startsWith('.')) symlinkSync(join(modules, name), join(folder, 'node_modules', name));
  for (const part of ['shared', 'services']) {
    for (const name of readdirSync(join(folder, part)))
      symlinkSync(join(folder, part, name), join(folder, 'node_modules', OWN, name));
  }
}
