import type { Stored } from '@troupe/audit';
import type { Cluster } from '@troupe/scripts/cluster';
import type { ChildOptions } from '@troupe/scripts/role-child';
import type { Publisher } from './publisher.ts';

/** What a scenario did to the company, by kind: `role_kills`, `hangs`, … Nothing done is a failure. */
export type Disturbances = Record<string, number>;

/** What a scenario works with while runs are under way. */
export interface Torment {
  cluster: Cluster;
  runs: number;
  /** Seeded: the same seed gives the same victims at the same intervals. */
  random(): number;
  /** All runs have ended, or the time is over. */
  isOver(): boolean;
  /** `kill -9` of a role's process, remembered for the evidence. */
  crash(child: Cluster['children'][number]): void;
  /** Something was done to the servers just now: remembered for the evidence, how long runs take to move on. */
  remember(): void;
  /** Stops a role's process for so long (SIGSTOP), remembered for the evidence. */
  hang(child: Cluster['children'][number], ms: number): Promise<void>;
  /** Drains a role's process and starts it as another one, remembered for the evidence; resolves when that is ready. */
  replace(child: Cluster['children'][number], by: ChildOptions): Promise<void>;
  /** What {@link Scenario.prepare} had: removed afterwards. */
  folder: string;
  log(line: string): void;
}

/** Runs leave the log a second after their end, while others are disturbed. */
export const LEAVING_SOON = { TROUPE_ARCHIVE_KEEP_MS: '1000' };

/** One kind of trouble: one file in scenarios/. What is left out is as in `roles`. */
export interface Scenario {
  name: string;
  /** For --help, one line. */
  about: string;
  /** Processes per role. */
  replicas?: number;
  /** Settings of all role processes. */
  env?: Record<string, string>;
  /** How long a grant is valid, in ms. */
  grantTtlMs?: number;
  /** At least so many runs, whatever --runs says. */
  runsMin?: number;
  /** How long nothing can move, whatever Troupe does: the broker is away. On top of the bound on stalls, in ms. */
  absenceMs?: number;
  /** How long its disturbances take where the runs alone would not, in ms. */
  tormentMs?: number;
  /** Goals are published evenly over this time, in ms. */
  publishMs?: number | ((runs: number) => number);
  /** NATS servers: several are a cluster. */
  servers?: number;
  /** How long runs may take to move on after what was done, in ms: 99 of 100. */
  resumeMsMax?: number;
  /** Called before anything starts; `folder` is removed afterwards. May change how each process is started. */
  prepare?(folder: string, random: () => number): Promise<(child: ChildOptions, replica: number) => ChildOptions>;
  /** Publishes one goal, of `runs`; once, with no options, if left out. */
  publish?(publisher: Publisher, index: number, random: () => number, runs: number): Promise<void>;
  /** Disturbs the company until it is over. */
  torment(torment: Torment): Promise<Disturbances>;
  /** What is read of the log; as it is if left out. */
  asRead?(stored: Stored): Stored;
  /** What else has to be true, as sentences where it is not. `modelCalls` is undefined if the gateway was killed. */
  check?(evidence: {
    logs: ReadonlyMap<string, readonly Stored[]>;
    answers: number;
    modelCalls: number | undefined;
    disturbances: Disturbances;
  }): string[];
}
