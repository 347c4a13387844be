import { readWords } from '@troupe/scripts/words';
import { compareBuilds } from './compare.ts';
import { type EnduranceMeasured, measureEndurance } from './endurance.ts';
import { measureFair } from './fair.ts';
import { measureModels } from './models.ts';
import { printModels } from './models-print.ts';
import { MODEL_APIS } from '../models/protocols.ts';
import { printComparisons, printFair, printReport } from './print.ts';
import { HOPS, measureSync, measureWaiting } from './scenarios.ts';

const HELP = `npm run bench -- [--quick] [--json] [--against <folder> [--sync 2m] | --fair | --models | --endurance [--runs <n>]]
                 [--shards <n>] [--replicas <n>]

Measures, in one run on this machine: the floor (a bare JetStream pipeline of ${HOPS} durable hops with the official
client, in one process, and again with each hop in another process), full report runs of all role processes with a
model without latency, at 1, 50 and 200 in flight, with the server's background sync (2m) and with every write fsynced;
then many runs at once with slow model calls.

  --quick              fewer runs; under a minute
  --against <folder>   instead: this build and the one in that folder (another clone, installed), in turn, a moment each
  --sync <when>        with --against: always or a duration; 2m if left out
  --fair               instead: a tenant publishes 10,000 goals at once, and another one a goal each second meanwhile
  --models             instead: what the llm-gateway adds to a model call, beside the same call with the SDK alone
  --endurance          instead: 200,000 runs in a row (--runs for another number) with runs leaving the log after 30 s
  --runs <n>           with --endurance
  --shards <n>         of the log; one for each replica if left out
  --replicas <n>       processes of each role; 1 if left out
  --json               one JSON object on standard output and nothing else (keys: test/bench/README.md)
  --help               this text
`;

const { values } = readWords({
  options: {
    quick: { type: 'boolean' },
    against: { type: 'string' },
    fair: { type: 'boolean' },
    models: { type: 'boolean' },
    endurance: { type: 'boolean' },
    runs: { type: 'string', default: '200000' },
    shards: { type: 'string' },
    replicas: { type: 'string', default: '1' },
    sync: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

if (values.sync !== undefined && values.against === undefined) refuse('--sync goes with --against.', 2);

if (values.fair === true && values.against !== undefined) refuse('--fair does not go with --against.', 2);

if (values.models === true && (values.against !== undefined || values.fair === true || values.endurance === true))
  refuse('--models goes alone.', 2);

const log = (line: string) => process.stderr.write(`${line}\n`);
const quick = values.quick ?? false;
log('measuring; the machine should be idle');
const replicas = Number(values.replicas);
const shards = Number(values.shards ?? replicas);
if (values.fair === true) await fair();
else if (values.models === true) await models();
else if (values.endurance === true) await endure();
else if (values.against === undefined) await measureFloors();
else
  await compare(values.against, values.sync ?? '2m').catch((error: unknown) =>
    refuse(error instanceof Error ? error.message : String(error), 1),
  );

/** This build beside the floors. */
async function measureFloors(): Promise<void> {
  const loads = (one: number, fifty: number, many: number) => [
    { concurrency: 1, runs: one },
    { concurrency: 50, runs: fifty },
    { concurrency: 200, runs: many },
  ];
  const sync = [
    await measureSync({ sync: '2m', shards, replicas }, quick ? loads(50, 500, 500) : loads(200, 4_000, 4_000), log),
    await measureSync(
      { sync: 'always', shards, replicas },
      quick ? loads(20, 200, 200) : loads(100, 1_500, 1_500),
      log,
    ),
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
}

/** One tenant beside another's flood. */
async function fair(): Promise<void> {
  const loads = [
    { sync: '2m', runs: quick ? 2_000 : 10_000, everyMs: quick ? 250 : 1_000 },
    { sync: 'always', runs: quick ? 1_000 : 10_000, everyMs: quick ? 250 : 1_000 },
  ];
  const measured = [];
  for (const load of loads) measured.push(await measureFair(load, log));
  if (values.json) process.stdout.write(`${JSON.stringify({ fair: measured })}\n`);
  else printFair(measured);
}

/** What the gateway adds to a model call. */
async function models(): Promise<void> {
  const load = quick
    ? { rounds: 2, calls: 40, callsAtOnce: 100, warmup: 100, streams: 200, paceMs: 250 }
    : { rounds: 10, calls: 200, callsAtOnce: 500, warmup: 1_000, streams: 1_000, paceMs: 2_000 };
  const measured = [];
  for (const api of MODEL_APIS) measured.push(await measureModels(api, load, log));
  if (values.json) process.stdout.write(`${JSON.stringify({ models: measured })}\n`);
  else printModels(measured);
}

/** Many runs in a row. */
async function endure(): Promise<void> {
  const load = { sync: '2m', runs: Number(values.runs), keepMs: 30_000, shards };
  const measured: EnduranceMeasured = await measureEndurance(load, log);
  process.stdout.write(`${JSON.stringify({ endurance: measured }, null, values.json === true ? 0 : 2)}\n`);
}

/** This build and another one, in turn. */
async function compare(other: string, sync: string): Promise<void> {
  const rounds = quick ? 4 : 20;
  const comparisons = [
    await compareBuilds(other, { sync, rounds, inFlight: 50, runs: 400 }, log),
    await compareBuilds(other, { sync, rounds, inFlight: 1, runs: 60 }, log),
  ];
  if (values.json) process.stdout.write(`${JSON.stringify({ comparisons })}\n`);
  else printComparisons(comparisons);
}

function refuse(sentence: string, code: number): never {
  process.stderr.write(`${sentence} See --help.\n`);
  process.exit(code);
}
