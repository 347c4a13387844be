import { readWords } from '@troupe/scripts/words';
import { CLUSTER_SCENARIOS, SCENARIOS } from './catalogue.ts';
import type { FaultResult } from './result.ts';
import { runScenario } from './run-scenario.ts';

const ALL = [...SCENARIOS, ...CLUSTER_SCENARIOS];
const NAMES = ALL.map(({ name }) => name);

const HELP = `npm run faults -- [--runs 300] [--seed 1] [--only ${NAMES.slice(0, 2).join(',')}] [--cluster] [--json]

Disturbs a company while runs are under way, then audits every message that was written:
${ALL.map(({ name, about }) => `  ${name.padEnd(18)}${about}`).join('\n')}

--only takes one or several names, with commas or given several times. --cluster runs those of three servers in place of
the others. Exits 1 if a scenario did not pass: a run did not
complete exactly once, the audit found something, effects and ledger differ, a run stood still for too long, or nothing
was disturbed. KEEP_DATA=1 keeps the data folders.
`;

const { values } = readWords({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
    cluster: { type: 'boolean' },
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
const only = (values.only ?? []).flatMap((names) => names.split(','));
const unknown = only.filter((name) => !NAMES.includes(name));
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed))
  refuse('--runs has to be a positive whole number, --seed a whole number.');
if (unknown.length > 0) refuse(`There is no scenario ${unknown.join(', ')}. There are ${NAMES.join(', ')}.`);

const log = (line: string) => void process.stderr.write(`${line}\n`);
const results: FaultResult[] = [];
/** Scenarios that could not be carried out: a company that did not start, for example. */
const errors: string[] = [];
const chosen = values.cluster ? CLUSTER_SCENARIOS : SCENARIOS;
for (const scenario of only.length === 0 ? chosen : ALL.filter(({ name }) => only.includes(name))) {
  try {
    const result = await runScenario(scenario, { runs, seed, timeoutMs: 120_000 + runs * 1_000, log });
    results.push(result);
    if (!values.json) process.stdout.write(`${describe(result)}\n`);
  } catch (error) {
    errors.push(`${scenario.name}: ${error instanceof Error ? error.message : String(error)}`);
    log(`FAIL ${errors.at(-1) ?? ''}`);
  }
}
const passed = errors.length === 0 && results.every((result) => result.passed);
if (values.json) process.stdout.write(`${JSON.stringify({ passed, results, errors })}\n`);
process.exit(passed ? 0 : 1);

function refuse(sentence: string): never {
  process.stderr.write(`${sentence} See --help.\n`);
  process.exit(2);
}

function describe(r: FaultResult): string {
  const calls = r.model_calls === undefined ? '' : ` for ${r.model_calls} calls`;
  return [
    `${r.passed ? 'ok  ' : 'FAIL'} ${r.name}: ${JSON.stringify(r.statuses)} of ${r.runs_planned} runs in ${r.seconds.toFixed(1)} s, ${r.messages} messages; ${JSON.stringify(r.disturbances)}`,
    `     ${r.effects_applied} effects applied, ${r.effects_unknown} unknown, of ${r.effects_planned} planned; ${r.model_answers} model answers${calls}; ${r.dead_letters} dead letters`,
    `     ${r.resumed} inputs resumed, p50 ${r.resume_p50_ms} ms, p99 ${r.resume_p99_ms} ms; longest stall ${r.longest_stall_ms} ms ${r.longest_stall}`,
    ...r.wrong.map((sentence) => `     ${sentence}`),
    ...r.violations.slice(0, 10).map((violation) => `       ${violation}`),
  ].join('\n');
}
