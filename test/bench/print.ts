import type { Comparison } from './compare.ts';
import type { FairMeasured } from './fair.ts';
import type { Measured } from './floor.ts';
import type { SyncMeasured, WaitingMeasured } from './scenarios.ts';

export interface BenchReport {
  hops_per_run: number;
  quick: boolean;
  sync: SyncMeasured[];
  waiting: WaitingMeasured[];
}

/** Prints the figures as tables for people. */
export function printReport({ hops_per_run, sync, waiting }: BenchReport): void {
  out(`\nReport runs of ${hops_per_run} durable messages, all roles as separate processes.`);
  out('Floor: the same number of bare JetStream hops with the official client, in one process and in seven.\n');
  out(row(['', 'sync', 'in flight', 'runs/s', 'hops/s', 'p50 ms', 'p99 ms', 'CPU ms/run']));
  for (const { sync: name, loads } of sync) {
    for (const load of loads) {
      out(line('full runs', name, load.concurrency, load));
      out(line('floor', name, load.concurrency, load.floor));
      out(line('floor of seven', name, load.concurrency, load.process_floor));
      out(`  full / floor: hops/s ${load.hops_ratio}, p50 ${load.p50_ratio}`);
      out(`  full / floor of seven: hops/s ${load.process_hops_ratio}, p50 ${load.process_p50_ratio}\n`);
    }
  }
  for (const { sync: name, rss_mb } of sync) out(`RSS in MB, sync ${name}: ${list(rss_mb)}`);
  for (const w of waiting) {
    const time = `${w.seconds} s (ideal ${w.ideal_seconds} s), ${w.redeliveries} redeliveries`;
    out(`\n${w.runs} runs at once, model calls of ${w.model_ms} ms: ${time}`);
    if (w.waiting_cpu_share > 0)
      out(`CPU while all of them wait: ${(w.waiting_cpu_share * 100).toFixed(1)} % of a core in all`);
    if (w.waiting_cpu_share > 0) out(`RSS in MB while all of them wait: ${list(w.waiting_rss_mb)}`);
    out(`RSS in MB at the end: ${list(w.rss_mb)}`);
  }
}

/** Prints how long a tenant's goals take beside the flood of another one. */
export function printFair(all: readonly FairMeasured[]): void {
  for (const f of all) {
    out(
      `\nsync ${f.sync}: ${f.flood_runs} goals of one tenant at once: ${f.flood_runs_per_s} runs/s, CPU ${f.flood_cpu_ms_per_run} ms/run`,
    );
    out(`another tenant's goal: p50 ${f.alone_p50_ms} ms before it`);
    out(`${f.beside_runs} of them meanwhile: p50 ${f.beside_p50_ms} ms, at most ${f.beside_max_ms} ms`);
    out(`at most ${f.later_ms_max} ms later`);
  }
}

/** Prints what two builds cost, and the first one's over the second's. */
export function printComparisons(comparisons: readonly Comparison[]): void {
  out(row(['', 'sync', 'in flight', 'runs/s', 'p50 ms', 'CPU ms/run']));
  for (const { sync, in_flight, this_build, other_build, ratio } of comparisons)
    for (const [name, { runs_per_s, p50_ms, cpu_ms_per_run }] of [
      ['this build', this_build],
      ['the other', other_build],
      ['ratio', ratio],
    ] as const)
      out(row([name, sync, in_flight, runs_per_s, p50_ms, cpu_ms_per_run]));
}

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const line = (name: string, sync: string, inFlight: number, m: Measured): string =>
  row([name, sync, inFlight, m.runs_per_s, m.hops_per_s, m.p50_ms, m.p99_ms, m.cpu_ms_per_run]);
const row = (cells: (string | number)[]): string => cells.map((cell) => String(cell).padStart(15)).join('');
const list = (values: Record<string, number>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
