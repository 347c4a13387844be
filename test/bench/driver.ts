/**
 * The company of one build, for a comparison: each line `<runs> <in flight>` on standard input is measured, and answered
 * with a line of JSON. Another build's copy of this file is run too: the lines may grow, not change.
 */
import { createInterface } from 'node:readline';
import { startCompany } from './company.ts';
import { runLoad } from './load.ts';
import { percentile, round } from './statistics.ts';

const RUN_MS_MAX = 600_000;
const [sync = '2m'] = process.argv.slice(2);

const company = await startCompany({ sync, latencyMs: 0 });
try {
  process.stdout.write('{"ready":true}\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const [runs = 0, inFlight = 1] = line.split(' ').map(Number);
    const before = company.cpu();
    const { seconds, latenciesMs } = await runLoad(company.cluster.server.url, runs, inFlight, RUN_MS_MAX);
    const figures = {
      runs_per_s: round(runs / seconds),
      p50_ms: round(percentile(latenciesMs, 0.5)),
      cpu_ms_per_run: round((company.cpu() - before) / runs, 3),
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  }
} finally {
  await company.stop();
}
