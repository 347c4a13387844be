import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { RoleSettings } from '../role-settings.ts';

/** What the metrics of a process are read from. Exact files: `/proc/self/root` would be the whole disk. */
const OWN_FIGURES = ['/proc/self/status', '/proc/self/limits', '/proc/self/fd'];

interface Confined {
  /** The repository. */
  root: string;
  name: string;
  settings: RoleSettings;
  /** The environment that the process gets. */
  environment: Readonly<Record<string, string>>;
}

/**
 * Node's flags for one role's process: it reads its own source, what all share, the libraries, its own credentials
 * and the files that its settings name, and writes only where its settings say and into its compile cache. No other
 * process, thread or native code. A second line behind the broker's permissions, not a boundary against native code.
 * Every folder has to be there already, or Node takes its path for that of a file.
 */
export function confinement({ root, name, settings, environment }: Confined): string[] {
  const valueOf = (variable: string): string[] => [environment[variable] ?? ''].filter((value) => value !== '');
  const named = (access: 'read' | 'write') =>
    settings.variables.filter(({ path }) => path === access).flatMap((variable) => valueOf(variable.name));
  const write = [...named('write'), ...valueOf('NODE_COMPILE_CACHE')];
  const read = [
    ...sourcesOf(root, name),
    ...valueOf('TROUPE_AUTH_DIR').map((authDir) => join(authDir, name)),
    ...named('read'),
    ...OWN_FIGURES,
    ...write,
  ];
  return [
    '--permission',
    ...spellings(read).map((path) => `--allow-fs-read=${path}`),
    ...spellings(write).map((path) => `--allow-fs-write=${path}`),
  ];
}

/** The libraries are where npm put them, which need not be under the root if that is a copy with links. */
function sourcesOf(root: string, name: string): string[] {
  const libraries = join(root, 'node_modules');
  return [
    join(root, 'services', name),
    join(root, 'shared'),
    libraries,
    dirname(realOf(join(libraries, 'zod'))),
    join(root, 'package.json'),
  ];
}

/** Node compares paths as they are written: a path that leads over a link is allowed both ways. */
const spellings = (paths: readonly string[]): string[] => [
  ...new Set(paths.map((path) => resolve(path)).flatMap((path) => [path, realOf(path)])),
];

function realOf(path: string): string {
  try {
    return path.startsWith('/proc/') ? path : realpathSync(path);
  } catch {
    return path;
  }
}
