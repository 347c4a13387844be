/**
 * A soft limit for the server's heap. It has to be well above what is live: at 350 MiB, with 4,000 runs in the log and as
 * many leaving, 40 % of the server's time went into collecting garbage, and it took twice the CPU per run.
 */
const GOMEMLIMIT = '1GiB';
/** Below that limit memory is there to be used, but what a flood leaves behind has to go (test/bench/README.md). */
const GOGC = '150';

/** All that nats-server is given of the launcher's environment; on Windows nothing listens without `SYSTEMROOT`. */
const NEEDED = ['PATH', 'HOME', 'TMPDIR', 'GOMEMLIMIT', 'GOGC', 'SYSTEMROOT'];

/** The environment of nats-server: no key, no token, no setting of anybody else. `GOMEMLIMIT` and `GOGC` may be overridden. */
export function serverEnvironment(given: NodeJS.ProcessEnv): Record<string, string> {
  const known = Object.entries(given).flatMap(([name, value]) =>
    value !== undefined && NEEDED.includes(name.toUpperCase()) ? [[name, value] as const] : [],
  );
  return { GOMEMLIMIT, GOGC, ...Object.fromEntries(known) };
}
