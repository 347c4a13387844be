import { readWords } from '@troupe/scripts/words';
import { printReport } from './print.ts';
import { HOPS, measureSync, measureWaiting } from './scenarios.ts';

const HELP = `npm run bench -- [--quick] [--json]

Measures, in one run on this machine: the floor (a bare JetStream pipeline of ${HOPS} durable hops with the official
client, in one process, and again with each hop in another process), full report runs of all role processes with a
model without latency, at 1, 50 and 200 in flight, with the server's background sync (2m) and with every write fsynced;
then many runs at once with slow model calls.

  --quick   fewer runs; under a minute
  --json    one JSON object on standard output and nothing else (keys: test/bench/README.md)
  --help    this text
`;

const { values } = readWords({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const log = (line: string) => process.stderr.write(`${line}\n`);
const loads = (one: number, fifty: number, many: number) => [
  { concurrency: 1, runs: one },
  { concurrency: 50, runs: fifty },
  { concurrency: 200, runs: many },
];
const quick = values.quick ?? false;
log('measuring; the machine should be idle');
const sync = [
  await measureSync('2m', quick ? loads(50, 500, 500) : loads(200, 4_000, 4_000), log),
  await measureSync('always', quick ? loads(20, 200, 200) : loads(100, 1_500, 1_500), log),
];
const waiting = quick
  ? [await measureWaiting(200, 1_000, log)]
  : [await measureWaiting(2_000, 1_000, log), await measureWaiting(10_000, 20_000, log)];
const report = { hops_per_run: HOPS, quick, sync, waiting };
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else printReport(report);
const incomplete = sync
  .flatMap(({ loads: measuredLoads }) => measuredLoads)
  .filter(({ runs, completed }) => completed !== runs);
if (incomplete.length > 0) {
  log(`not every run was completed: ${JSON.stringify(incomplete)}`);
  process.exitCode = 1;
}
