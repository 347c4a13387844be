import { parseArgs } from 'node:util';
import { type FaultResult, runFaults } from './scenario.ts';

const HELP = `npm run faults -- [--runs 300] [--seed 1] [--only roles|server|replicas] [--json]

Kills processes with kill -9 while runs are under way, then audits every message that was written:
  roles     one of each role; a random process dies every 100–300 ms
  server    nats-server dies five times
  replicas  two of each role; a random process dies every 100–300 ms
Exits 1 if a run did not complete exactly once, a log has a gap, a message was answered twice or not at all, or a
tool that is not idempotent ran twice for one call.
`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const runs = Number(values.runs ?? '300');
const seed = Number(values.seed ?? '1');
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed)) {
  process.stderr.write('--runs has to be a positive whole number, --seed a whole number. See --help.\n');
  process.exit(2);
}
const base = { runs, seed, timeoutMs: 120_000 + runs * 1_000 };
const scenarios = [
  { ...base, name: 'roles', replicas: 1, killRoles: true, serverKills: 0 },
  { ...base, name: 'server', replicas: 1, killRoles: false, serverKills: 5 },
  { ...base, name: 'replicas', replicas: 2, killRoles: true, serverKills: 0 },
].filter(({ name }) => values.only === undefined || values.only === name);

const log = (line: string) => process.stderr.write(`${line}\n`);
const results: FaultResult[] = [];
for (const scenario of scenarios) results.push(await runFaults(scenario, log));

const isGood = (result: FaultResult): boolean =>
  result.violations.length === 0 &&
  result.statuses['completed'] === runs &&
  result.effect_runs_per_call_max <= 1 &&
  result.dead_letters === 0;
const passed = results.length > 0 && results.every(isGood);
if (values.json) process.stdout.write(`${JSON.stringify({ passed, results })}\n`);
else for (const result of results) process.stdout.write(`${describe(result)}\n`);
process.exit(passed ? 0 : 1);

function describe(r: FaultResult): string {
  return [
    `${isGood(r) ? 'ok  ' : 'FAIL'} ${r.name}: ${JSON.stringify(r.statuses)} of ${r.runs} runs in ${r.seconds.toFixed(1)} s, ${r.messages} messages`,
    `     ${r.role_kills} role kills, ${r.server_kills} server kills; ${r.resumed} inputs resumed, p50 ${r.resume_p50_ms} ms, p99 ${r.resume_p99_ms} ms`,
    `     ${r.effect_calls} effects, at most ${r.effect_runs_per_call_max} per call; ${r.dead_letters} dead letters; ${r.violations.length} violations`,
    `     longest stall ${r.longest_stall_ms} ms: ${r.longest_stall}`,
    ...r.violations.slice(0, 10).map((violation) => `     ${violation}`),
  ].join('\n');
}
