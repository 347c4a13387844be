import type { SyncMeasured, WaitingMeasured } from './scenarios.ts';

export interface BenchReport {
  hops_per_run: number;
  quick: boolean;
  sync: SyncMeasured[];
  waiting: WaitingMeasured[];
}

/** Prints the figures as tables for people. */
export function printReport({ hops_per_run, sync, waiting }: BenchReport): void {
  const out = (line: string) => process.stdout.write(`${line}\n`);
  out(
    `\nReport runs of ${hops_per_run} durable messages, all roles as separate processes; floor: bare JetStream, official client.\n`,
  );
  out(
    row([
      'sync',
      'in flight',
      'runs/s',
      'floor',
      'hops/s',
      'ratio',
      'p50 ms',
      'floor',
      'ratio',
      'p99 ms',
      'CPU ms/run',
      'floor',
    ]),
  );
  for (const { sync: name, loads } of sync) {
    for (const l of loads) {
      out(
        row([
          name,
          l.concurrency,
          l.runs_per_s,
          l.floor.runs_per_s,
          l.hops_per_s,
          l.hops_ratio,
          l.p50_ms,
          l.floor.p50_ms,
          l.p50_ratio,
          l.p99_ms,
          l.cpu_ms_per_run,
          l.floor.cpu_ms_per_run,
        ]),
      );
    }
  }
  for (const { sync: name, rss_mb } of sync) out(`\nRSS in MB, sync ${name}: ${list(rss_mb)}`);
  for (const w of waiting) {
    out(
      `\n${w.runs} runs at once, model calls of ${w.model_ms} ms: ${w.seconds} s (ideal ${w.ideal_seconds} s), ${w.redeliveries} redeliveries`,
    );
    if (w.waiting_cpu_share > 0)
      out(`CPU while all of them wait: ${(w.waiting_cpu_share * 100).toFixed(1)} % of a core, all processes together`);
    out(`RSS in MB: ${list(w.rss_mb)}`);
  }
}

const row = (cells: (string | number)[]): string => cells.map((cell) => String(cell).padStart(10)).join(' ');
const list = (values: Record<string, number>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
