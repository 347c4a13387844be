import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '@troupe/scripts/roles';
import { z } from 'zod';
import { percentile, round } from './statistics.ts';

const Figures = z.object({ runs_per_s: z.number(), p50_ms: z.number(), cpu_ms_per_run: z.number() });
type Figures = z.infer<typeof Figures>;

export interface Comparison {
  sync: string;
  in_flight: number;
  rounds: number;
  runs_per_round: number;
  /** Medians over the rounds. */
  this_build: Figures;
  other_build: Figures;
  /** This build's over the other's: the median of what each round says. */
  ratio: Figures;
}

export interface Load {
  sync: string;
  inFlight: number;
  rounds: number;
  runs: number;
}

/** One build's company in a process of its own, with that build's own code. */
class Build {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(driver: string, sync: string) {
    const child = spawn(process.execPath, [driver, sync], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('A company ended while it was measured; its own words are above.');
    return JSON.parse(value);
  }

  async ready(): Promise<void> {
    await this.#answer();
  }

  async measure(runs: number, inFlight: number): Promise<Figures> {
    this.#child.stdin?.write(`${runs} ${inFlight}\n`);
    return Figures.parse(await this.#answer());
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((done) => this.#child.once('exit', done));
    this.#child.stdin?.end();
    await gone;
  }
}

/** The driver of a build. Throws a sentence if there is none. */
function driverOf(root: string): string {
  const driver = join(root, 'test', 'bench', 'driver.ts');
  if (!existsSync(driver)) throw new Error(`There is no ${driver}: name the folder of another clone of Troupe.`);
  return driver;
}

const WARMUP_RUNS = 800;

/**
 * Measures this build and another one in turn, a moment each, in the order AB BA AB …: the speed of a shared machine
 * changes by more from minute to minute than most changes of the code.
 */
export async function compareBuilds(other: string, load: Load, log: (line: string) => void): Promise<Comparison> {
  const drivers = [driverOf(ROOT), driverOf(resolve(process.env['INIT_CWD'] ?? process.cwd(), other))] as const;
  const [ours, theirs] = [new Build(drivers[0], load.sync), new Build(drivers[1], load.sync)];
  const rounds: { ours: Figures; theirs: Figures }[] = [];
  try {
    for (const build of [ours, theirs]) await build.ready();
    for (const build of [ours, theirs]) await build.measure(WARMUP_RUNS, 50);
    while (rounds.length < load.rounds) {
      const isTheirTurn = rounds.length % 2 === 1;
      const first = await (isTheirTurn ? theirs : ours).measure(load.runs, load.inFlight);
      const second = await (isTheirTurn ? ours : theirs).measure(load.runs, load.inFlight);
      rounds.push(isTheirTurn ? { ours: second, theirs: first } : { ours: first, theirs: second });
      log(`  round ${rounds.length} of ${load.rounds}`);
    }
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
  }
  return {
    sync: load.sync,
    in_flight: load.inFlight,
    rounds: load.rounds,
    runs_per_round: load.runs,
    this_build: medians(rounds.map((round) => round.ours)),
    other_build: medians(rounds.map((round) => round.theirs)),
    ratio: medians(rounds.map(over)),
  };
}

const over = ({ ours, theirs }: { ours: Figures; theirs: Figures }): Figures => ({
  runs_per_s: ours.runs_per_s / theirs.runs_per_s,
  p50_ms: ours.p50_ms / theirs.p50_ms,
  cpu_ms_per_run: ours.cpu_ms_per_run / theirs.cpu_ms_per_run,
});

const medians = (all: readonly Figures[]): Figures => ({
  runs_per_s: median(all.map(({ runs_per_s }) => runs_per_s)),
  p50_ms: median(all.map(({ p50_ms }) => p50_ms)),
  cpu_ms_per_run: median(all.map(({ cpu_ms_per_run }) => cpu_ms_per_run)),
});

const median = (values: readonly number[]): number => round(percentile(values, 0.5), 3);
