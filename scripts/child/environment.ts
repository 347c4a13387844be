import type { RoleSettings } from '../role-settings.ts';

/**
 * What a process needs of the machine, whoever it is: where temporary files go, language and time zone, the
 * certificates that it trusts. On Windows nothing reaches the network without `SYSTEMROOT`.
 */
const OF_THE_MACHINE = [
  'PATH',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SYSTEMROOT',
  'LANG',
  'LC_*',
  'TZ',
  'NODE_COMPILE_CACHE',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/**
 * The environment of one role's process: of `given` (what the launcher has, and what it decided) the variables of the
 * machine and those that the role's settings declare. Nothing else is inherited, least of all the keys of others.
 */
export function childEnvironment(settings: RoleSettings, given: NodeJS.ProcessEnv): Record<string, string> {
  const wanted = matcherOf([...OF_THE_MACHINE, ...settings.variables.map(({ name }) => name), ...settings.alsoReads]);
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && wanted(name)) environment[name] = value;
  }
  return environment;
}

/** Names match without regard to case, as proxies' variables are written both ways; `*` at the end stands for any end. */
function matcherOf(names: readonly string[]): (name: string) => boolean {
  const whole = new Set(names.filter((name) => !name.endsWith('*')).map((name) => name.toUpperCase()));
  const starts = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1).toUpperCase());
  return (name) => {
    const upper = name.toUpperCase();
    return whole.has(upper) || starts.some((start) => upper.startsWith(start));
  };
}
