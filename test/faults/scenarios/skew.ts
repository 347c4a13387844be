import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { Scenario } from '../scenario.ts';

const SKEW_MS = 120_000;
const CLOCK = join(import.meta.dirname, '..', 'skewed-clock.ts');

/** Half of the processes run ahead, half behind: 4 minutes between two of them. */
export const skew: Scenario = {
  name: 'skew',
  about: 'clocks are two minutes ahead or behind, another way for each process; grants last 60 s',
  replicas: 2,
  grantTtlMs: 60_000,
  prepare(_folder, random) {
    return Promise.resolve((child) => ({
      ...child,
      // Each process may read its own files alone.
      flags: [...child.flags, `--allow-fs-read=${CLOCK}`, '--import', pathToFileURL(CLOCK).href],
      env: { ...child.env, TROUPE_FAULTS_CLOCK_MS: String(random() < 0.5 ? SKEW_MS : -SKEW_MS) },
    }));
  },
  torment: ({ cluster }) => Promise.resolve({ skewed_processes: cluster.children.length }),
};
